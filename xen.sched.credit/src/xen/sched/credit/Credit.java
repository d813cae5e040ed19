package xen.sched.credit;

import java.util.BitSet;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.sched.Replicable;
import xen.kernel.api.sched.Reporting;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.SchedulerHost;
import xen.sched.shared.Parking;
import xen.sched.shared.Resting;

/**
 * A credit scheduler as described for Xen: every accounting period hands out the machine's time as credits, by weight; running burns
 * them ({@link Accounts}). Each pCPU has a queue with priorities: woken (boost), under, over; round robin within one. Who is under runs
 * a whole slice, on credit if need be, and is over until it has earned that back. A pCPU without work of a priority takes it from the
 * others, in the order of their numbers: like the original it does not ask who shares a core or a cache. A vCPU that wakes within its
 * credits is boosted and preempts, until it has run for a tick.
 *
 * <p>Different from the original: burning is exact, not sampled, so the boost cannot be kept by sleeping over ticks; who is over runs to
 * the next tick only, where those that are under by then go first, and they take turns in the order in which they will be under again.
 * All calls come under the pool's lock (see {@link Scheduler}); a decision costs the logarithm of the number of vCPUs.
 */
public class Credit implements Scheduler, Reporting, Replicable {
    private static final long TICK = 10_000_000L;

    /** Shared with replicas; a change counts from the next decision. */
    private final AtomicReference<CreditPolicy> shared;
    private volatile CreditStats stats = new CreditStats();
    private final Map<Vcpu, Entry> entries = new IdentityHashMap<>();
    private Resting<Entry> resting = new Resting<>();
    private Parking<Entry> parking;
    private Accounts accounts;
    private Queues queues;
    private SchedulerHost host;
    private int[] pcpus = {};
    private Entry[] running = {};
    private long[] since = {};
    /** pCPUs that found nothing and were not asked to look since. */
    private final BitSet idle = new BitSet();
    /** pCPUs asked to look that have not. */
    private final BitSet asked = new BitSet();
    private int numbers;

    public Credit(CreditPolicy policy) { this(new AtomicReference<>(policy)); }

    private Credit(AtomicReference<CreditPolicy> shared) { this.shared = shared; }

    /** Changes the parameters, here and in all replicas, while guests run; any thread. */
    public void policy(CreditPolicy next) { shared.set(next); }

    public CreditStats stats() { return stats; }

    @Override public Map<String, Long> figures() { return stats.figures(); }

    @Override public Scheduler replicate() { return new Credit(shared); }

    @Override public void start(SchedulerHost h, Collection<? extends Vcpu> runnable) {
        stop();
        stats = new CreditStats();
        host = h;
        pcpus = h.pcpus();
        int n = h.topology().pcpus();
        running = new Entry[n];
        since = new long[n];
        queues = new Queues(n, pcpus);
        accounts = new Accounts(pcpus.length, h.now());
        parking = new Parking<>(h);
        for (int p : pcpus) {
            idle.set(p, h.idle(p));
        }
        for (Vcpu v : runnable) {
            admit(entry(v), -1, false);
        }
    }

    @Override public void stop() {
        host = null;
        entries.clear();
        resting = new Resting<>();
        parking = null;
        queues = null;
        running = new Entry[0];
        idle.clear();
        asked.clear();
    }

    private Entry entry(Vcpu v) {
        Entry e = entries.get(v);
        if (e == null) {
            e = new Entry(v, numbers++);
            e.seen = accounts.handedOut();
            accounts.join(e);
            entries.put(v, e);
        }
        return e;
    }

    @Override public void wake(Vcpu v) {
        accounts.advance(host.now());
        Entry e = entries.get(v);
        boolean slept = e == null || !e.active;
        e = entry(v);
        e.active = true;
        accounts.join(e);
        admit(e, -1, slept && e.credit >= 0);
    }

    /** Queues or parks. {@code here} is a pCPU that will pick right after this call, or -1. */
    private void admit(Entry e, int here, boolean boost) {
        Vcpu v = e.vcpu;
        if (e.cap.left(v, host.now()) <= 0) {
            e.parkedAt = home(v);
            parking.add(e, e.parkedAt);
            stats.parked++;
            return;
        }
        e.priority = boost ? Entry.BOOST : e.credit >= 0 ? Entry.UNDER : Entry.OVER;
        e.ripe = accounts.ripe(e);
        stats.boosts += boost ? 1 : 0;
        boolean mine = here >= 0 && v.mayRunOn(here);
        int p = mine && !queues.any() ? -1 : idleFor(v);
        if (p >= 0) {
            queues.add(e, p);
            ask(p);
            return;
        }
        p = mine ? here : home(v);
        queues.add(e, p);
        Entry r = running[p];
        if (here < 0 && r != null && e.priority < r.priority) {
            long earliest = since[p] + shared.get().rateLimitNanos();
            if (host.now() >= earliest) {
                stats.preemptions++;
                host.kick(p);
            } else {
                host.kickAt(p, earliest);
            }
        }
    }

    private void ask(int p) {
        idle.clear(p);
        asked.set(p);
        host.kick(p);
    }

    private int idleFor(Vcpu v) {
        int last = v.lastPcpu();
        if (last >= 0 && idle.get(last) && v.mayRunOn(last)) {
            return last;
        }
        for (int p = idle.nextSetBit(0); p >= 0; p = idle.nextSetBit(p + 1)) {
            if (v.mayRunOn(p)) {
                return p;
            }
        }
        return -1;
    }

    private int home(Vcpu v) {
        int last = v.lastPcpu();
        if (last >= 0 && v.mayRunOn(last)) {
            return last;
        }
        for (int p : pcpus) {
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
            rest(e);
        }
    }

    private void withdraw(Entry e) {
        if (e.queue >= 0) {
            queues.remove(e);
        }
        if (e.parkedAt >= 0) {
            parking.remove(e, e.parkedAt);
            e.parkedAt = -1;
        }
    }

    private void rest(Entry e) {
        e.active = false;
        if (!e.resting) {
            e.resting = true;
            resting.add(e);
        }
    }

    /** A sleeper, or one that slept: true when it need not be looked at any more. */
    private boolean rested(Entry e, long now) {
        boolean gone = !e.active && accounts.retire(e) && e.cap.settled(e.vcpu, now);
        if (gone) {
            entries.remove(e.vcpu);
        }
        e.resting = !(gone || e.active);
        return gone || e.active;
    }

    @Override public Vcpu pick(int pcpu, long now) {
        accounts.advance(now);
        parking.release(pcpu, now, e -> {
            e.parkedAt = -1;
            accounts.settle(e, 0);
            admit(e, -1, false);
        });
        resting.sweep(e -> rested(e, now));
        asked.clear(pcpu);
        Entry e = best(pcpu);
        if (e == null) {
            idle.set(pcpu);
            stats.idles++;
            return null;
        }
        idle.clear(pcpu);
        queues.remove(e);
        accounts.settle(e, 0);
        if (e.priority == Entry.OVER && e.credit >= 0) {
            e.priority = Entry.UNDER;
        }
        running[pcpu] = e;
        since[pcpu] = now;
        stats.picks++;
        if (!idle.isEmpty() && queues.waiting(pcpu) > 0) {
            passOn(pcpu);
        }
        return e.vcpu;
    }

    private Entry best(int pcpu) {
        for (int priority = Entry.BOOST; priority <= Entry.UNDER; priority++) {
            Entry e = queues.first(pcpu, pcpu, priority);
            if (e == null && priority == Entry.UNDER) {
                e = queues.over(pcpu, accounts.handedOut());
            }
            if (e == null) {
                // the only one of a pCPU that is about to run it stays
                e = queues.steal(pcpu, priority, q -> asked.get(q) && queues.waiting(q) == 1);
                if (e != null) {
                    stats.steal(host.topology().distance(pcpu, e.queue));
                }
            }
            if (e != null) {
                return e;
            }
        }
        return queues.over(pcpu, Long.MAX_VALUE);
    }

    /** Somebody still waits here while another pCPU idles. */
    private void passOn(int pcpu) {
        for (int priority = Entry.BOOST; priority <= Entry.UNDER; priority++) {
            Entry e = queues.first(pcpu, pcpu, priority);
            int p = e == null ? -1 : idleFor(e.vcpu);
            if (p >= 0) {
                ask(p);
                return;
            }
        }
    }

    /** Who runs on {@code pcpu}: found without a search. */
    private Entry at(int pcpu, Vcpu v) {
        Entry e = running[pcpu];
        return e != null && e.vcpu == v ? e : entry(v);
    }

    @Override public long slice(Vcpu v, int pcpu) {
        Entry e = at(pcpu, v);
        long now = host.now();
        CreditPolicy policy = shared.get();
        long s = switch (e.priority) {
            case Entry.BOOST -> TICK;
            case Entry.UNDER -> policy.sliceNanos();
            default -> Math.clamp((now / TICK + 1) * TICK - now, Math.max(1, policy.rateLimitNanos()), policy.sliceNanos());
        };
        return v.cap() == 0 ? s : Math.max(1, Math.min(s, e.cap.left(v, now)));
    }

    @Override public void put(Vcpu v, int pcpu, long ran, boolean stillRunnable, boolean yielded) {
        accounts.advance(host.now());
        Entry e = at(pcpu, v);
        running[pcpu] = null;
        accounts.settle(e, ran);
        e.cap.charge(v, ran, host.now());
        if (stillRunnable) {
            admit(e, pcpu, false);
        } else {
            rest(e);
        }
    }

    @Override public void changed(Vcpu v) {
        Entry e = entries.get(v);
        if (e == null) {
            return;
        }
        if (e.weight > 0) {
            accounts.join(e);
        }
        if (e.queue >= 0 || e.parkedAt >= 0) {
            withdraw(e);
            admit(e, -1, false);
        }
    }
}
