package xen.sched.credit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.sched.Reporting;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.SchedulerHost;
import xen.sched.shared.CapBudget;

/**
 * A credit scheduler as described for Xen: every accounting period hands out the machine's time as credits, by weight, to the vCPUs that
 * asked for any; running burns them. Each pCPU has a queue with three priorities: woken (boost), under, over; round robin within one. A
 * pCPU whose best is over its credits, or that has nothing, takes work of better priority from the other queues, in the order of their
 * numbers: like the original it does not ask who shares a core or a cache. A vCPU that wakes within its credits is boosted and preempts,
 * until it has run for a tick.
 *
 * <p>Different from the original: burning is exact, not sampled, so the boost cannot be kept by sleeping over ticks. All calls come under
 * the pool's lock (see {@link Scheduler}).
 */
public class Credit implements Scheduler, Reporting {
    private static final long ACCOUNTING = 30_000_000L, TICK = 10_000_000L;
    private static final int LEVELS = 3;

    private final long slice;
    private final long rateLimit;
    private volatile CreditStats stats = new CreditStats();
    private final Map<Vcpu, Entry> entries = new LinkedHashMap<>();
    private final Set<Entry> parked = new LinkedHashSet<>();
    private SchedulerHost host;
    private ArrayDeque<Entry>[][] queues;
    /** Waiting vCPUs of each priority. */
    private final int[] waiting = new int[LEVELS];
    private Entry[] running = {};
    private long[] since = {};
    private boolean[] asked = {};
    private long accounted;
    private long period;

    /**
     * @param slice time before the next of equal priority has its turn
     * @param rateLimit who runs is not preempted before it has run so long
     */
    public Credit(long slice, long rateLimit) {
        this.slice = Math.clamp(slice, 1_000_000L, 300_000_000L);
        this.rateLimit = Math.clamp(rateLimit, 0, this.slice);
    }

    public CreditStats stats() { return stats; }

    @Override public Map<String, Long> figures() { return stats.figures(); }

    @SuppressWarnings("unchecked")
    @Override public void start(SchedulerHost h, Collection<? extends Vcpu> runnable) {
        stop();
        stats = new CreditStats();
        host = h;
        int n = h.topology().pcpus();
        running = new Entry[n];
        since = new long[n];
        asked = new boolean[n];
        queues = new ArrayDeque[n][LEVELS];
        for (ArrayDeque<Entry>[] q : queues) {
            for (int i = 0; i < LEVELS; i++) {
                q[i] = new ArrayDeque<>();
            }
        }
        accounted = h.now() / ACCOUNTING;
        period = h.now() / CapBudget.PERIOD;
        for (Vcpu v : runnable) {
            admit(entry(v), -1, false);
        }
    }

    @Override public void stop() {
        host = null;
        entries.clear();
        parked.clear();
        java.util.Arrays.fill(waiting, 0);
        queues = null;
        running = new Entry[0];
    }

    private Entry entry(Vcpu v) { return entries.computeIfAbsent(v, Entry::new); }

    @Override public void wake(Vcpu v) {
        Entry e = entry(v);
        boolean slept = !e.active || !e.asks;
        e.active = true;
        e.asks = true;
        admit(e, -1, slept && e.credit >= 0);
    }

    /** Queues or parks. {@code here} is a pCPU that will pick right after this call, or -1. */
    private void admit(Entry e, int here, boolean boost) {
        if (e.cap.left(e.vcpu, host.now()) <= 0) {
            e.parked = true;
            parked.add(e);
            stats.parked++;
            host.kickAt(home(e.vcpu), CapBudget.nextPeriod(host.now()));
            return;
        }
        e.sort();
        if (boost) {
            e.priority = Entry.BOOST;
            stats.boosts++;
        }
        boolean stay = here >= 0 && e.vcpu.mayRunOn(here) && count(here) == 0;
        int p = stay ? -1 : idleFor(e.vcpu);
        if (p >= 0) {
            enqueue(e, p);
            ask(p);
            return;
        }
        p = here >= 0 && e.vcpu.mayRunOn(here) ? here : home(e.vcpu);
        enqueue(e, p);
        Entry r = running[p];
        if (here < 0 && r != null && e.priority < r.priority) {
            long earliest = since[p] + rateLimit;
            if (host.now() >= earliest) {
                stats.preemptions++;
                host.kick(p);
            } else {
                host.kickAt(p, earliest);
            }
        }
    }

    private void ask(int p) {
        asked[p] = true;
        host.kick(p);
    }

    private int count(int p) { return queues[p][0].size() + queues[p][1].size() + queues[p][2].size(); }

    private void enqueue(Entry e, int p) {
        e.queue = p;
        queues[p][e.priority].add(e);
        waiting[e.priority]++;
    }

    private int idleFor(Vcpu v) {
        int last = v.lastPcpu();
        if (last >= 0 && last < running.length && free(last) && v.mayRunOn(last)) {
            return last;
        }
        for (int p : host.pcpus()) {
            if (free(p) && v.mayRunOn(p)) {
                return p;
            }
        }
        return -1;
    }

    private boolean free(int p) { return host.idle(p) && !asked[p] && count(p) == 0; }

    private int home(Vcpu v) {
        int last = v.lastPcpu();
        if (last >= 0 && last < running.length && v.mayRunOn(last)) {
            return last;
        }
        for (int p : host.pcpus()) {
            if (v.mayRunOn(p)) {
                return p;
            }
        }
        throw new IllegalArgumentException(v + " may run on no pCPU");
    }

    @Override public void sleep(Vcpu v) {
        Entry e = entries.get(v);
        if (e != null) {
            withdraw(e);
            e.active = false;
        }
    }

    private void withdraw(Entry e) {
        if (e.queue >= 0) {
            queues[e.queue][e.priority].remove(e);
            waiting[e.priority]--;
            e.queue = -1;
        }
        if (e.parked) {
            e.parked = false;
            parked.remove(e);
        }
    }

    @Override public Vcpu pick(int pcpu, long now) {
        account(now);
        newPeriod(now);
        asked[pcpu] = false;
        for (int level = 0; level < LEVELS; level++) {
            Entry e = take(pcpu, pcpu, level);
            if (e == null && waiting[level] > 0) {
                e = balance(pcpu, level);
                if (e != null) {
                    passOn(pcpu);
                }
            }
            if (e != null) {
                running[pcpu] = e;
                since[pcpu] = now;
                stats.picks++;
                return e.vcpu;
            }
        }
        stats.idles++;
        return null;
    }

    /** This pCPU prefers somebody from elsewhere to its own: an idle one may take those. */
    private void passOn(int pcpu) {
        for (int level = 0; level < LEVELS; level++) {
            for (Entry e : queues[pcpu][level]) {
                int p = idleFor(e.vcpu);
                if (p >= 0 && p != pcpu) {
                    ask(p);
                }
            }
        }
    }

    private Entry balance(int pcpu, int level) {
        for (int i = 1; i < queues.length; i++) {
            int q = (pcpu + i) % queues.length;
            // the only one of a pCPU that is about to run it stays
            if (queues[q][level].isEmpty() || asked[q] && count(q) == 1) {
                continue;
            }
            Entry e = take(q, pcpu, level);
            if (e != null) {
                stats.steal(host.topology().distance(pcpu, q));
                return e;
            }
        }
        return null;
    }

    private Entry take(int from, int pcpu, int level) {
        for (Iterator<Entry> i = queues[from][level].iterator(); i.hasNext();) {
            Entry e = i.next();
            if (e.vcpu.mayRunOn(pcpu)) {
                i.remove();
                waiting[level]--;
                e.queue = -1;
                return e;
            }
        }
        return null;
    }

    @Override public long slice(Vcpu v, int pcpu) {
        Entry e = entry(v);
        long s = e.priority == Entry.BOOST ? TICK : slice;
        if (e.credit > 0) {
            s = Math.clamp(e.credit, Math.max(1, rateLimit), s);
        }
        return Math.max(1, Math.min(s, e.cap.left(v, host.now())));
    }

    @Override public void put(Vcpu v, int pcpu, long ran, boolean stillRunnable, boolean yielded) {
        Entry e = entry(v);
        running[pcpu] = null;
        e.credit -= ran;
        e.asks = true;
        e.cap.charge(v, ran, host.now());
        if (stillRunnable) {
            admit(e, pcpu, false);
        } else {
            e.active = false;
        }
    }

    @Override public void changed(Vcpu v) {
        Entry e = entries.get(v);
        if (e != null && (e.queue >= 0 || e.parked)) {
            withdraw(e);
            admit(e, -1, false);
        }
    }

    /** Hands out the credits of the periods that passed. What goes beyond a slice is dropped: nobody saves up. */
    private void account(long now) {
        long n = now / ACCOUNTING - accounted;
        if (n <= 0) {
            return;
        }
        accounted += n;
        long weights = 0;
        for (Entry e : entries.values()) {
            weights += e.active || e.asks ? e.vcpu.weight() : 0;
        }
        if (weights == 0) {
            return;
        }
        long time = Math.min(n, 100) * ACCOUNTING * host.pcpus().length;
        for (Iterator<Entry> i = entries.values().iterator(); i.hasNext();) {
            Entry e = i.next();
            if (e.active || e.asks) {
                e.credit = Math.clamp(e.credit + time * e.vcpu.weight() / weights, -20 * ACCOUNTING, ACCOUNTING);
                e.asks = e.active;
                resort(e);
            } else if (e.credit >= 0 && e.cap.settled(e.vcpu, now)) {
                i.remove();
            } else {
                e.credit = Math.min(0, e.credit + ACCOUNTING * n);
            }
        }
    }

    private void resort(Entry e) {
        int before = e.priority;
        int now = e.credit >= 0 ? Entry.UNDER : Entry.OVER;
        if (before == Entry.BOOST || now == before) {
            return;
        }
        if (e.queue >= 0) {
            queues[e.queue][before].remove(e);
            queues[e.queue][now].add(e);
            waiting[before]--;
            waiting[now]++;
        }
        e.priority = now;
    }

    /** At the first decision of a period: who was parked may run again. */
    private void newPeriod(long now) {
        if (now / CapBudget.PERIOD == period) {
            return;
        }
        period = now / CapBudget.PERIOD;
        List<Entry> all = new ArrayList<>(parked);
        parked.clear();
        for (Entry e : all) {
            e.parked = false;
            admit(e, -1, false);
        }
    }
}
