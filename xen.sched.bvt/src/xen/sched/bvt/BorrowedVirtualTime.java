package xen.sched.bvt;

import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.sched.Reporting;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.SchedulerHost;
import xen.sched.shared.CapBudget;

/**
 * Borrowed virtual time, after Duda and Cheriton (SOSP 1999), the scheduler that the first Xen shipped. Every vCPU has an actual virtual
 * time A that grows by the time it runs divided by its weight; the one with the smallest effective time E = A - (warp ? W : 0) runs. A
 * vCPU that wakes begins at the scheduler's virtual time (the least A of all that are runnable), so sleeping saves nothing up, and is
 * warped for a while: it borrows from its future, which cannot win it time in the long run. Who runs goes on until it is behind by the
 * context-switch allowance C.
 *
 * <p>One queue for all pCPUs, ordered by E: a decision costs the logarithm of the number of waiting vCPUs. All calls come under the
 * pool's lock (see {@link Scheduler}).
 */
public class BorrowedVirtualTime implements Scheduler, Reporting {
    private static final int NORMAL_WEIGHT = 256;
    private static final long MIN_SLICE = 200_000L, MAX_SLICE = 100_000_000L;

    private final long allowance;
    private final long warp;
    private final long warpLimit;
    private final Map<Vcpu, Entry> entries = new IdentityHashMap<>();
    private final TreeSet<Entry> queue = new TreeSet<>();
    private final Set<Entry> parked = new LinkedHashSet<>();
    private volatile BvtStats stats = new BvtStats();
    private SchedulerHost host;
    private Entry[] running = {};
    private boolean[] asked = {};
    private int numbers;
    private long svt;
    private long period;

    /**
     * @param allowance how far who runs may get ahead before it is replaced
     * @param warp how far a woken vCPU may borrow from its future
     * @param warpLimit how long it may run warped after a wake-up
     */
    public BorrowedVirtualTime(long allowance, long warp, long warpLimit) {
        this.allowance = Math.clamp(allowance, MIN_SLICE, MAX_SLICE);
        this.warp = Math.max(0, warp);
        this.warpLimit = Math.max(0, warpLimit);
    }

    public BvtStats stats() { return stats; }

    @Override public Map<String, Long> figures() { return stats.figures(); }

    @Override public void start(SchedulerHost h, Collection<? extends Vcpu> runnable) {
        stop();
        stats = new BvtStats();
        host = h;
        running = new Entry[h.topology().pcpus()];
        asked = new boolean[running.length];
        period = h.now() / CapBudget.PERIOD;
        runnable.forEach(v -> wake(v, false));
    }

    @Override public void stop() {
        host = null;
        entries.clear();
        queue.clear();
        parked.clear();
        running = new Entry[0];
        svt = 0;
    }

    @Override public void wake(Vcpu v) { wake(v, true); }

    private void wake(Vcpu v, boolean warped) {
        Entry e = entries.computeIfAbsent(v, x -> new Entry(x, numbers++));
        e.active = true;
        e.avt = Math.max(e.avt, svt);
        e.warpLeft = warped ? warpLimit : 0;
        admit(e, true);
    }

    /** Queues or parks, and asks a pCPU to look when it should run at once. */
    private void admit(Entry e, boolean look) {
        if (e.cap.left(e.vcpu, host.now()) <= 0) {
            e.parked = true;
            parked.add(e);
            stats.parked++;
            int p = anyPcpu(e.vcpu);
            host.kickAt(p, CapBudget.nextPeriod(host.now()));
            return;
        }
        e.evt = e.avt - (e.warpLeft > 0 ? warp : 0);
        e.queued = true;
        queue.add(e);
        if (look) {
            int p = placeFor(e);
            if (p >= 0) {
                asked[p] = true;
                host.kick(p);
            }
        }
    }

    private int anyPcpu(Vcpu v) {
        for (int p : host.pcpus()) {
            if (v.mayRunOn(p)) {
                return p;
            }
        }
        return host.pcpus()[0];
    }

    /** An idle pCPU, its last first; else the one that is furthest ahead, when that is by more than the allowance; else -1. */
    private int placeFor(Entry e) {
        Vcpu v = e.vcpu;
        int last = v.lastPcpu();
        if (last >= 0 && last < running.length && v.mayRunOn(last) && host.idle(last) && !asked[last]) {
            return last;
        }
        long now = host.now();
        int best = -1;
        long most = e.evt + allowance;
        for (int p : host.pcpus()) {
            if (!v.mayRunOn(p) || asked[p]) {
                continue;
            }
            if (host.idle(p)) {
                return p;
            }
            Entry r = running[p];
            if (r != null && effectiveNow(r, now) > most) {
                most = effectiveNow(r, now);
                best = p;
            }
        }
        if (best >= 0) {
            stats.preemptions++;
        }
        return best;
    }

    private static long effectiveNow(Entry r, long now) { return r.evt + Math.max(0, now - r.since) * NORMAL_WEIGHT / r.vcpu.weight(); }

    @Override public void sleep(Vcpu v) {
        Entry e = entries.get(v);
        if (e != null) {
            withdraw(e);
            rest(e);
        }
    }

    private void withdraw(Entry e) {
        if (e.queued) {
            queue.remove(e);
            e.queued = false;
        }
        if (e.parked) {
            parked.remove(e);
            e.parked = false;
        }
    }

    /** Its virtual time and what it used of a cap count until others have caught up. */
    private void rest(Entry e) {
        e.active = false;
        if (e.avt <= svt && e.vcpu.cap() == 0) {
            entries.remove(e.vcpu);
        }
    }

    @Override public Vcpu pick(int pcpu, long now) {
        newPeriod(now);
        asked[pcpu] = false;
        for (Entry e : queue) {
            if (e.vcpu.mayRunOn(pcpu)) {
                queue.remove(e);
                e.queued = false;
                e.since = now;
                running[pcpu] = e;
                advance();
                stats.picks++;
                return e.vcpu;
            }
        }
        stats.idles++;
        return null;
    }

    /** Virtual time moves on to the least of those that are runnable. */
    private void advance() {
        long least = Long.MAX_VALUE;
        for (Entry r : running) {
            if (r != null) {
                least = Math.min(least, r.avt);
            }
        }
        if (!queue.isEmpty()) {
            least = Math.min(least, queue.first().avt);
        }
        if (least != Long.MAX_VALUE) {
            svt = Math.max(svt, least);
        }
    }

    @Override public long slice(Vcpu v, int pcpu) {
        Entry e = entries.get(v);
        if (e == null) {
            return allowance;
        }
        long ahead = queue.isEmpty() ? 0 : Math.max(0, queue.first().evt - e.evt);
        long s = Math.clamp((Math.min(ahead, MAX_SLICE) + allowance) * v.weight() / NORMAL_WEIGHT, MIN_SLICE, MAX_SLICE);
        if (e.warpLeft > 0) {
            s = Math.clamp(e.warpLeft, MIN_SLICE, s);
        }
        return Math.max(1, Math.min(s, e.cap.left(v, host.now())));
    }

    @Override public void put(Vcpu v, int pcpu, long ran, boolean stillRunnable, boolean yielded) {
        Entry e = entries.computeIfAbsent(v, x -> new Entry(x, numbers++));
        running[pcpu] = null;
        e.avt += ran * NORMAL_WEIGHT / v.weight();
        e.warpLeft = yielded ? 0 : Math.max(0, e.warpLeft - ran);
        e.cap.charge(v, ran, host.now());
        if (!stillRunnable) {
            rest(e);
            return;
        }
        if (yielded && !queue.isEmpty()) {
            // behind the first that waits
            e.avt = Math.max(e.avt, queue.first().avt + 1);
        }
        asked[pcpu] = true;
        admit(e, !v.mayRunOn(pcpu) || !queue.isEmpty());
    }

    @Override public void changed(Vcpu v) {
        Entry e = entries.get(v);
        if (e != null && (e.queued || e.parked)) {
            withdraw(e);
            admit(e, true);
        }
    }

    /** At the first decision of a period: who was parked may run again, who rests and owes nothing is forgotten. */
    private void newPeriod(long now) {
        if (now / CapBudget.PERIOD == period) {
            return;
        }
        period = now / CapBudget.PERIOD;
        List<Entry> waiting = new ArrayList<>(parked);
        parked.clear();
        for (Entry e : waiting) {
            e.parked = false;
            e.avt = Math.max(e.avt, svt);
            admit(e, true);
        }
        entries.values().removeIf(e -> !e.active && e.avt <= svt && e.cap.settled(e.vcpu, now));
    }
}
