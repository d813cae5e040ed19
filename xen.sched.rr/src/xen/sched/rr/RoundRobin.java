package xen.sched.rr;

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
 * Weighted round robin with a queue a pCPU and work stealing. A slice is proportional to the weight; a pCPU about to go idle takes work
 * from its SMT sibling's queue, then its socket's, then anybody's. Turns are counted in rounds: a vCPU that comes back queues for the
 * next round, and a pCPU does not begin a new round while somebody it may take waits elsewhere for his turn in this one. So each vCPU
 * has one slice a round, whatever queue it is in, and shares follow the weights across pCPUs. A vCPU with a cap that has used it up in
 * the present period waits, parked, for the next. Woken vCPUs prefer a whole idle core; on a full machine one that wakes is boosted, as
 * long as it keeps to a small share of the time ({@link xen.sched.shared.Boost}): it preempts whoever runs there, who then has the rest of its slice next.
 *
 * <p>All calls come under the pool's lock (see {@link Scheduler}). Nothing here survives a swap, and nothing needs to.
 */
public class RoundRobin implements Scheduler, Reporting, Replicable {
    private static final long MIN_SLICE = 250_000L, MAX_SLICE = 320_000_000L;
    private static final int NORMAL_WEIGHT = 256;
    /** A rest of a slice below this is not worth a turn. */
    private static final long REST = 100_000L;

    /** Shared with replicas; a change counts from the next decision. */
    private final AtomicReference<RrPolicy> policy;
    private volatile RrStats stats = new RrStats();
    private final Map<Vcpu, Entry> entries = new IdentityHashMap<>();
    private Resting<Entry> resting = new Resting<>();
    private Parking<Entry> parking;
    /** Queues with somebody in them. */
    private final BitSet loaded = new BitSet();
    /** pCPUs that found nothing and were not kicked since. */
    private final BitSet idle = new BitSet();
    private SchedulerHost host;
    private Placement placement;
    private RunQueue[] queues = {};
    private Entry[] running = {};
    /** The round that the machine is in. */
    private long front;

    public RoundRobin(RrPolicy policy) { this(new AtomicReference<>(policy)); }

    private RoundRobin(AtomicReference<RrPolicy> policy) { this.policy = policy; }

    /** Changes the parameters, here and in all replicas, while guests run; any thread. */
    public void policy(RrPolicy next) { policy.set(next); }

    private RrPolicy policy() { return policy.get(); }

    @Override public Map<String, Long> figures() { return stats.figures(); }

    public RrStats stats() { return stats; }

    @Override public Scheduler replicate() { return new RoundRobin(policy); }

    @Override public void start(SchedulerHost h, Collection<? extends Vcpu> runnable) {
        stop();
        stats = new RrStats();
        host = h;
        placement = new Placement(h.topology());
        queues = new RunQueue[h.topology().pcpus()];
        running = new Entry[queues.length];
        for (int p : h.pcpus()) {
            queues[p] = new RunQueue(p);
            idle.set(p, h.idle(p));
        }
        parking = new Parking<>(h);
        runnable.forEach(this::wake);
    }

    @Override public void stop() {
        host = null;
        queues = new RunQueue[0];
        running = new Entry[0];
        entries.clear();
        resting = new Resting<>();
        parking = null;
        loaded.clear();
        idle.clear();
        front = 0;
    }

    @Override public void wake(Vcpu v) {
        Entry e = entries.computeIfAbsent(v, Entry::new);
        e.active = true;
        // who slept has no turns saved up
        e.round = Math.max(e.round, front);
        e.left = 0;
        e.boosted = policy().boosts() && e.boost.take(policy().boostPercent(), policy().boostNanos(), host.now());
        admit(e, -1);
    }

    /** Queues or parks. {@code here} is a pCPU that will pick right after this call, or -1. */
    private void admit(Entry e, int here) {
        if (left(e, host.now()) <= 0) {
            park(e);
            return;
        }
        Vcpu v = e.vcpu;
        if (!policy().stealing()) {
            admitAtHome(e, here);
            return;
        }
        boolean next = here >= 0 && v.mayRunOn(here) && queues[here].size() == 0;
        int target = next ? -1 : placement.idleFor(v, idle);
        if (target >= 0) {
            idle.clear(target);
            enqueue(e, target);
            host.kick(target);
        } else {
            int p = here >= 0 && v.mayRunOn(here) ? here : placement.queueFor(v);
            enqueue(e, p);
            preempt(e, p);
        }
    }

    /** The old system's way, for comparison: a vCPU stays on the pCPU that it was dealt when it came, unless its affinity forbids it. */
    private void admitAtHome(Entry e, int here) {
        if (e.home < 0 || !e.vcpu.mayRunOn(e.home)) {
            e.home = placement.deal(e.vcpu);
        }
        enqueue(e, e.home);
        if (idle.get(e.home) && e.home != here) {
            idle.clear(e.home);
            host.kick(e.home);
        } else {
            preempt(e, e.home);
        }
    }

    /** A boosted vCPU takes the pCPU from one that is not, once that one has run for a while. */
    private void preempt(Entry e, int p) {
        Entry r = running[p];
        if (!e.boosted || r == null || r.boosted) {
            return;
        }
        long earliest = r.since + policy().rateLimitNanos();
        stats.preemptions++;
        if (host.now() >= earliest) {
            host.kick(p);
        } else {
            host.kickAt(p, earliest);
        }
    }

    /** Boosted ones, and behind them who was interrupted in its slice, go before the others. */
    private void enqueue(Entry e, int pcpu) {
        if (e.boosted || e.left > 0) {
            queues[pcpu].addEarly(e);
        } else {
            queues[pcpu].add(e);
        }
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
        if (e.parkedAt >= 0) {
            parking.remove(e, e.parkedAt);
            e.parkedAt = -1;
        }
    }

    /** Blocked or gone. What it used of a cap, and of its boost, is remembered until that is made good. */
    private void rest(Entry e) {
        e.active = false;
        if (!e.resting) {
            e.resting = true;
            resting.add(e);
        }
    }

    @Override public Vcpu pick(int pcpu, long now) {
        parking.release(pcpu, now, this::unpark);
        resting.sweep(e -> rested(e, now));
        Entry e = firstFor(queues[pcpu], pcpu);
        if (e == null) {
            e = policy().stealing() ? steal(pcpu, Long.MAX_VALUE) : null;
        } else if (e.round > front && !e.boosted) {
            e = policy().stealing() ? closeRound(e, pcpu) : e;
        }
        if (e == null) {
            idle.set(pcpu);
            stats.idles++;
            return null;
        }
        idle.clear(pcpu);
        stats.picks++;
        dequeue(e);
        running[pcpu] = e;
        e.since = now;
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

    /** Who runs on {@code pcpu}: found without a search. */
    private Entry at(int pcpu, Vcpu v) {
        Entry e = running[pcpu];
        return e != null && e.vcpu == v ? e : entries.computeIfAbsent(v, Entry::new);
    }

    @Override public long slice(Vcpu v, int pcpu) {
        long s = Math.clamp(policy().sliceNanos() * v.weight() / NORMAL_WEIGHT, MIN_SLICE, MAX_SLICE);
        Entry e = at(pcpu, v);
        if (e.left > 0) {
            s = Math.min(s, e.left);
        }
        e.granted = s;
        if (e.boosted) {
            s = Math.min(s, e.boost.left());
        }
        return v.cap() == 0 ? s : Math.max(1, Math.min(s, left(e, host.now())));
    }

    @Override public void put(Vcpu v, int pcpu, long ran, boolean stillRunnable, boolean yielded) {
        Entry e = at(pcpu, v);
        running[pcpu] = null;
        e.cap.charge(v, ran, host.now());
        if (e.boosted) {
            e.boosted = false;
            e.boost.use(ran);
        }
        long rest = e.granted - ran;
        e.granted = 0;
        // who was interrupted has the rest of its turn before it
        e.left = rest > REST && !yielded ? rest : 0;
        if (stillRunnable) {
            e.round += e.left == 0 ? 1 : 0;
            admit(e, pcpu);
        } else {
            rest(e);
        }
    }

    @Override public void changed(Vcpu v) {
        Entry e = entries.get(v);
        if (e != null && (e.queue != null || e.parkedAt >= 0)) {
            withdraw(e);
            admit(e, -1);
        }
    }

    // Caps

    private static long left(Entry e, long now) { return e.cap.left(e.vcpu, now); }

    private void park(Entry e) {
        e.parkedAt = placement.queueFor(e.vcpu);
        parking.add(e, e.parkedAt);
        stats.parked++;
    }

    private void unpark(Entry e) {
        e.parkedAt = -1;
        admit(e, -1);
    }

    private boolean rested(Entry e, long now) {
        boolean gone = !e.active && policy().stealing() && e.cap.settled(e.vcpu, now)
                && (!policy().boosts() || e.boost.full(policy().boostPercent(), policy().boostNanos(), now));
        if (gone) {
            entries.remove(e.vcpu);
        }
        e.resting = !(gone || e.active);
        return gone || e.active;
    }
}
