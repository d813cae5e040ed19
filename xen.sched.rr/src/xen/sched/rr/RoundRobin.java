package xen.sched.rr;

import java.util.BitSet;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.SchedulerHost;

/**
 * Weighted round robin with a queue a pCPU and work stealing. A slice is proportional to the weight; a pCPU about to go idle takes work
 * from its SMT sibling's queue, then its socket's, then anybody's. Turns are counted in rounds: a vCPU that comes back queues for the
 * next round, and a pCPU does not begin a new round while somebody it may take waits elsewhere for his turn in this one. So each vCPU
 * has one slice a round, whatever queue it is in, and shares follow the weights across pCPUs. A vCPU with a cap that has used it up in
 * the present period waits, parked, for the next. Woken vCPUs prefer a whole idle core.
 *
 * <p>All calls come under the pool's lock (see {@link Scheduler}). Nothing here survives a swap, and nothing needs to.
 */
public class RoundRobin implements Scheduler {
    static final long CAP_PERIOD = 100_000_000L;
    private static final long MIN_SLICE = 250_000L, MAX_SLICE = 320_000_000L;
    private static final int NORMAL_WEIGHT = 256;

    private final long baseSlice;
    private final RrStats stats = new RrStats();
    private final Map<Vcpu, Entry> entries = new IdentityHashMap<>();
    /** vCPUs out of budget, in the order of parking. */
    private final Set<Entry> parked = new LinkedHashSet<>();
    /** Queues with somebody in them. */
    private final BitSet loaded = new BitSet();
    /** pCPUs that found nothing and were not kicked since. */
    private final BitSet idle = new BitSet();
    private SchedulerHost host;
    private Placement placement;
    private RunQueue[] queues = {};
    private long period;
    /** The round that the machine is in. */
    private long front;

    public RoundRobin(long baseSliceNanos) { baseSlice = Math.clamp(baseSliceNanos, MIN_SLICE, MAX_SLICE); }

    public RrStats stats() { return stats; }

    @Override public void start(SchedulerHost h, Collection<? extends Vcpu> runnable) {
        stop();
        host = h;
        placement = new Placement(h.topology());
        queues = new RunQueue[h.topology().pcpus()];
        for (int p : h.pcpus()) {
            queues[p] = new RunQueue(p);
            idle.set(p, h.idle(p));
        }
        period = h.now() / CAP_PERIOD;
        runnable.forEach(this::wake);
    }

    @Override public void stop() {
        host = null;
        queues = new RunQueue[0];
        entries.clear();
        parked.clear();
        loaded.clear();
        idle.clear();
        front = 0;
    }

    @Override public void wake(Vcpu v) {
        Entry e = entries.computeIfAbsent(v, Entry::new);
        e.active = true;
        // who slept has no turns saved up
        e.round = Math.max(e.round, front);
        admit(e, -1);
    }

    /** Queues or parks. {@code here} is a pCPU that will pick right after this call, or -1. */
    private void admit(Entry e, int here) {
        if (left(e, host.now()) <= 0) {
            park(e);
            return;
        }
        Vcpu v = e.vcpu;
        boolean next = here >= 0 && v.mayRunOn(here) && queues[here].size() == 0;
        int target = next ? -1 : placement.idleFor(v, idle);
        if (target >= 0) {
            idle.clear(target);
            enqueue(e, target);
            host.kick(target);
        } else {
            enqueue(e, here >= 0 && v.mayRunOn(here) ? here : placement.queueFor(v));
        }
    }

    private void enqueue(Entry e, int pcpu) {
        queues[pcpu].add(e);
        loaded.set(pcpu);
    }

    private void dequeue(Entry e) {
        RunQueue q = e.queue;
        q.remove(e);
        loaded.set(q.pcpu, q.size() > 0);
    }

    @Override public void sleep(Vcpu v) {
        Entry e = entries.get(v);
        if (e != null) {
            withdraw(e);
            rest(e);
        }
    }

    private void withdraw(Entry e) {
        if (e.queue != null) {
            dequeue(e);
        }
        if (e.parked) {
            e.parked = false;
            parked.remove(e);
        }
    }

    /** Blocked or gone. What it used of a cap is remembered to the end of the period, else blocking would refill it. */
    private void rest(Entry e) {
        e.active = false;
        if (e.vcpu.cap() == 0) {
            entries.remove(e.vcpu);
        }
    }

    @Override public Vcpu pick(int pcpu, long now) {
        newPeriod(now);
        Entry e = firstFor(queues[pcpu], pcpu);
        if (e == null) {
            e = steal(pcpu, Long.MAX_VALUE);
        } else if (e.round > front) {
            e = closeRound(e, pcpu);
        }
        if (e == null) {
            idle.set(pcpu);
            stats.idles++;
            return null;
        }
        idle.clear(pcpu);
        stats.picks++;
        dequeue(e);
        return e.vcpu;
    }

    /** {@code e} would begin a new round: somebody elsewhere who has not had his turn in this one goes first. */
    private Entry closeRound(Entry e, int pcpu) {
        Entry other = steal(pcpu, e.round);
        if (other == null) {
            front = e.round;
            return e;
        }
        stats.rotations++;
        int target = placement.idleFor(e.vcpu, idle);
        if (target >= 0) {
            dequeue(e);
            idle.clear(target);
            enqueue(e, target);
            host.kick(target);
        }
        return other;
    }

    private static Entry firstFor(RunQueue q, int pcpu) {
        Entry e = q.first();
        while (e != null && !e.vcpu.mayRunOn(pcpu)) {
            e = e.next;
        }
        return e;
    }

    /** Somebody in another queue whose round is before {@code round}; stays queued. */
    private Entry steal(int pcpu, long round) {
        Entry[] found = new Entry[1];
        int from = placement.nearest(loaded, pcpu, p -> p != pcpu && candidate(queues[p], pcpu, round, found));
        if (from < 0) {
            return null;
        }
        switch (placement.level(pcpu, from)) {
            case Placement.SIBLING -> stats.stealsSibling++;
            case Placement.SOCKET -> stats.stealsSocket++;
            default -> stats.stealsRemote++;
        }
        return found[0];
    }

    private boolean candidate(RunQueue q, int pcpu, long round, Entry[] found) {
        Entry e = firstFor(q, pcpu);
        // a lone vCPU whose pCPU has no other work is about to run there
        boolean soon = q.size() == 1 && host.idle(q.pcpu) && !idle.get(q.pcpu);
        if (e == null || e.round >= round || soon) {
            return false;
        }
        found[0] = e;
        return true;
    }

    @Override public long slice(Vcpu v, int pcpu) {
        long s = Math.clamp(baseSlice * v.weight() / NORMAL_WEIGHT, MIN_SLICE, MAX_SLICE);
        Entry e = entries.get(v);
        return v.cap() == 0 || e == null ? s : Math.max(1, Math.min(s, left(e, host.now())));
    }

    @Override public void put(Vcpu v, int pcpu, long ran, boolean stillRunnable, boolean yielded) {
        Entry e = entries.computeIfAbsent(v, Entry::new);
        charge(e, ran, host.now());
        if (stillRunnable) {
            e.round++;
            admit(e, pcpu);
        } else {
            rest(e);
        }
    }

    @Override public void changed(Vcpu v) {
        Entry e = entries.get(v);
        if (e != null && (e.queue != null || e.parked)) {
            withdraw(e);
            admit(e, -1);
        }
    }

    // Caps

    private static long budget(Vcpu v) { return CAP_PERIOD / 100 * v.cap(); }

    private void charge(Entry e, long ran, long now) {
        left(e, now);
        e.used += ran;
    }

    /** Nanoseconds it may still run in the period of {@code now}; time used beyond the budget is owed to the next ones. */
    private static long left(Entry e, long now) {
        long p = now / CAP_PERIOD;
        int cap = e.vcpu.cap();
        if (p > e.period) {
            long refill = cap == 0 ? Long.MAX_VALUE : Math.multiplyHigh(p - e.period, budget(e.vcpu)) != 0 ? Long.MAX_VALUE : (p - e.period) * budget(e.vcpu);
            e.used = Math.max(0, e.used - refill);
            e.period = p;
        }
        return cap == 0 ? Long.MAX_VALUE : budget(e.vcpu) - e.used;
    }

    private void park(Entry e) {
        e.parked = true;
        parked.add(e);
        stats.parked++;
        host.kickAt(placement.queueFor(e.vcpu), (host.now() / CAP_PERIOD + 1) * CAP_PERIOD);
    }

    /** At the first decision of a period: who was parked may run again, who rests is forgotten. */
    private void newPeriod(long now) {
        if (now / CAP_PERIOD == period) {
            return;
        }
        period = now / CAP_PERIOD;
        Entry[] waiting = parked.toArray(new Entry[0]);
        parked.clear();
        for (Entry e : waiting) {
            e.parked = false;
            admit(e, -1);
        }
        entries.values().removeIf(e -> !e.active);
    }
}
