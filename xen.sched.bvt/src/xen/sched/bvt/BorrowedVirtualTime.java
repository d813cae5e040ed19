package xen.sched.bvt;

import java.util.BitSet;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.sched.Replicable;
import xen.kernel.api.sched.Reporting;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.SchedulerHost;
import xen.sched.shared.Parking;
import xen.sched.shared.Resting;

/**
 * Borrowed virtual time, after Duda and Cheriton (SOSP 1999), the scheduler that the first Xen shipped. Every vCPU has an actual virtual
 * time A that grows by the time it runs divided by its weight; the one with the smallest effective time E = A - (warp ? W : 0) runs. A
 * vCPU that wakes begins at the scheduler's virtual time (the least A of all that are runnable), so sleeping saves nothing up, and is
 * warped for a while: it borrows from its future, which cannot win it time in the long run. Who runs goes on until it is behind by the
 * context-switch allowance C.
 *
 * <p>One queue for all pCPUs of the pool, ordered by E, and one of those that run, ordered by A: a decision costs the logarithm of the
 * number of vCPUs (more for those with an affinity, who are passed over). Who is preempted is who had most when it was picked. All calls come under the
 * pool's lock (see {@link Scheduler}).
 */
public class BorrowedVirtualTime implements Scheduler, Reporting, Replicable {
    private static final int NORMAL_WEIGHT = 256;
    static final long MIN_SLICE = 200_000L, MAX_SLICE = 100_000_000L;

    /** Shared with replicas; a change counts from the next decision. */
    private final AtomicReference<BvtPolicy> shared;
    private final Map<Vcpu, Entry> entries = new IdentityHashMap<>();
    private final TreeSet<Entry> queue = new TreeSet<>(Entry::byEffective);
    /** Who runs, and no preemption was asked for: first the one that holds virtual time back, last the one that is furthest ahead. */
    private final TreeSet<Entry> ahead = new TreeSet<>(Entry::byActual);
    private Entry[] running = {};
    /** pCPUs that found nothing and were not asked to look since. */
    private final BitSet idle = new BitSet();
    private Resting<Entry> resting = new Resting<>();
    private Parking<Entry> parking;
    private volatile BvtStats stats = new BvtStats();
    private SchedulerHost host;
    private int[] pcpus = {};
    private int numbers;
    private long svt;

    public BorrowedVirtualTime(BvtPolicy policy) { this(new AtomicReference<>(policy)); }

    private BorrowedVirtualTime(AtomicReference<BvtPolicy> shared) { this.shared = shared; }

    /** Changes the parameters, here and in all replicas, while guests run; any thread. */
    public void policy(BvtPolicy next) { shared.set(next); }

    private long allowance() { return shared.get().allowanceNanos(); }

    public BvtStats stats() { return stats; }

    @Override public Map<String, Long> figures() { return stats.figures(); }

    @Override public Scheduler replicate() { return new BorrowedVirtualTime(shared); }

    @Override public void start(SchedulerHost h, Collection<? extends Vcpu> runnable) {
        stop();
        stats = new BvtStats();
        host = h;
        pcpus = h.pcpus();
        running = new Entry[h.topology().pcpus()];
        parking = new Parking<>(h);
        for (int p : pcpus) {
            idle.set(p, h.idle(p));
        }
        runnable.forEach(v -> wake(v, false));
    }

    @Override public void stop() {
        host = null;
        entries.clear();
        queue.clear();
        ahead.clear();
        running = new Entry[0];
        idle.clear();
        resting = new Resting<>();
        parking = null;
        svt = 0;
    }

    @Override public void wake(Vcpu v) { wake(v, true); }

    private void wake(Vcpu v, boolean warped) {
        Entry e = entry(v);
        e.active = true;
        e.avt = Math.max(e.avt, svt);
        e.warpLeft = warped ? shared.get().warpLimitNanos() : 0;
        admit(e, true);
    }

    private Entry entry(Vcpu v) { return entries.computeIfAbsent(v, x -> new Entry(x, numbers++)); }

    /** Queues or parks, and asks a pCPU to look when it should run at once. */
    private void admit(Entry e, boolean look) {
        if (e.cap.left(e.vcpu, host.now()) <= 0) {
            e.parkedAt = home(e.vcpu);
            parking.add(e, e.parkedAt);
            stats.parked++;
            return;
        }
        e.evt = e.avt - (e.warpLeft > 0 ? shared.get().warpNanos() : 0);
        e.queued = true;
        queue.add(e);
        if (look) {
            place(e);
        }
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

    /** Asks an idle pCPU, its last first; else the one that is furthest ahead, when that is by more than the allowance. */
    private void place(Entry e) {
        Vcpu v = e.vcpu;
        int last = v.lastPcpu();
        if (last >= 0 && idle.get(last) && v.mayRunOn(last)) {
            ask(last);
            return;
        }
        for (int p = idle.nextSetBit(0); p >= 0; p = idle.nextSetBit(p + 1)) {
            if (v.mayRunOn(p)) {
                ask(p);
                return;
            }
        }
        for (Iterator<Entry> i = ahead.descendingIterator(); i.hasNext();) {
            Entry r = i.next();
            if (v.mayRunOn(r.pcpu)) {
                if (effectiveNow(r, host.now()) > e.evt + allowance()) {
                    i.remove();
                    stats.preemptions++;
                    host.kick(r.pcpu);
                }
                return;
            }
        }
    }

    private void ask(int p) {
        idle.clear(p);
        host.kick(p);
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
        if (e.parkedAt >= 0) {
            parking.remove(e, e.parkedAt);
            e.parkedAt = -1;
        }
    }

    /** Its virtual time and what it used of a cap count until others have caught up. */
    private void rest(Entry e) {
        e.active = false;
        if (e.avt <= svt && e.vcpu.cap() == 0 && !e.resting) {
            entries.remove(e.vcpu);
        } else if (!e.resting) {
            e.resting = true;
            resting.add(e);
        }
    }

    @Override public Vcpu pick(int pcpu, long now) {
        parking.release(pcpu, now, this::unpark);
        resting.sweep(e -> forget(e, now));
        for (Iterator<Entry> i = queue.iterator(); i.hasNext();) {
            Entry e = i.next();
            if (e.vcpu.mayRunOn(pcpu)) {
                i.remove();
                e.queued = false;
                e.pcpu = pcpu;
                e.since = now;
                ahead.add(e);
                running[pcpu] = e;
                idle.clear(pcpu);
                advance();
                stats.picks++;
                return e.vcpu;
            }
        }
        idle.set(pcpu);
        stats.idles++;
        return null;
    }

    /** Virtual time moves on to the least of those that are runnable. */
    private void advance() {
        long least = ahead.isEmpty() ? Long.MAX_VALUE : ahead.first().avt;
        if (!queue.isEmpty()) {
            least = Math.min(least, queue.first().avt);
        }
        if (least != Long.MAX_VALUE) {
            svt = Math.max(svt, least);
        }
    }

    /** Who runs on {@code pcpu}: found without a search. */
    private Entry at(int pcpu, Vcpu v) {
        Entry e = running[pcpu];
        return e != null && e.vcpu == v ? e : entry(v);
    }

    @Override public long slice(Vcpu v, int pcpu) {
        Entry e = at(pcpu, v);
        long lead = queue.isEmpty() ? 0 : Math.max(0, queue.first().evt - e.evt);
        long s = Math.clamp((Math.min(lead, MAX_SLICE) + allowance()) * v.weight() / NORMAL_WEIGHT, MIN_SLICE, MAX_SLICE);
        if (e.warpLeft > 0) {
            s = Math.clamp(e.warpLeft, MIN_SLICE, s);
        }
        return v.cap() == 0 ? s : Math.max(1, Math.min(s, e.cap.left(v, host.now())));
    }

    @Override public void put(Vcpu v, int pcpu, long ran, boolean stillRunnable, boolean yielded) {
        Entry e = at(pcpu, v);
        running[pcpu] = null;
        ahead.remove(e);
        e.pcpu = -1;
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
        admit(e, !v.mayRunOn(pcpu) || !queue.isEmpty());
    }

    @Override public void changed(Vcpu v) {
        Entry e = entries.get(v);
        if (e != null && (e.queued || e.parkedAt >= 0)) {
            withdraw(e);
            admit(e, true);
        }
    }

    private void unpark(Entry e) {
        e.parkedAt = -1;
        e.avt = Math.max(e.avt, svt);
        admit(e, true);
    }

    private boolean forget(Entry e, long now) {
        boolean gone = !e.active && e.avt <= svt && e.cap.settled(e.vcpu, now);
        if (gone) {
            entries.remove(e.vcpu);
        }
        e.resting = !(gone || e.active);
        return gone || e.active;
    }
}
