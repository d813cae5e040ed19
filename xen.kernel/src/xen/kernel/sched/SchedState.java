package xen.kernel.sched;

import java.util.BitSet;
import xen.kernel.api.domain.RunState;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.time.Timeline;
import xen.kernel.core.VcpuImpl;
import xen.kernel.save.StateReader;
import xen.kernel.save.StateWriter;
import xen.kernel.save.Timers;

/**
 * A vCPU's scheduling side: the parameters that survive every swap, why it may not run, and where it runs.
 *
 * <p>Reasons (up, blocked, polling; the domain's state) change with the core's lock held, followed by {@link #refresh}, which tells the
 * pool. Place ({@link #pcpu}, queued or not) changes with the pools' lock held. Both may be read by any thread.
 */
public final class SchedState {
    /** Polls for one of several ports: any event of the domain ends it. */
    private static final int ANY_PORT = -1;
    private static final int NO_POLL = -2;

    private final VcpuImpl v;
    private volatile boolean up;
    private volatile boolean blocked;
    /** Port waited for (0, which no channel has, is only the timer's to end), {@link #ANY_PORT}, or {@link #NO_POLL}. */
    private int poll = NO_POLL;
    private Timeline.Cancellable pollTimer;
    private long polls;
    private volatile int weight = 256;
    private volatile int cap;
    private volatile BitSet affinity;
    /** What follows from the affinity in the present pool; made anew when one of the two is another. */
    private volatile Allowed allowed;
    private volatile int gang;
    // below: written by SchedulerPool and Switcher under the pools' lock
    volatile int pcpu = -1;
    /** pCPU of the run before the present one, or -1. */
    int cameFrom = -1;
    volatile int lastPcpu = -1;
    /** In the hands of the scheduler in charge, which has not picked it. */
    boolean queued;
    /** Which scheduler (by generation) of which pool picked it for its present run. */
    long pickedBy;
    SchedulerPool pickedIn;
    private long capPeriod;
    private long capUsed;
    /** It asked to give up the rest of its slice. */
    boolean yielded;
    /** Set by any thread: deliver events before the guest goes on. */
    volatile boolean wantsResume;
    /** Exit that was not handled because the domain had been stopped, or -1; its pCPU's thread, core's lock held. */
    int pendingExit = -1;
    /** Virtual mode: cycle count at which it last stopped. */
    long stoppedAt;

    public SchedState(VcpuImpl v) { this.v = v; }

    private SchedulerPool pool() { return v.domain.pool(); }

    // Questions

    public boolean runnable() { return up && !blocked && v.domain.live(); }

    /** pCPU that runs it now, or -1. */
    public int pcpu() { return pcpu; }
    public int lastPcpu() { return lastPcpu; }
    public int weight() { return weight; }
    public int cap() { return cap; }
    public int gang() { return gang; }

    public boolean mayRunOn(int p) {
        Allowed a = allowed;
        BitSet pool = pool().cpus();
        BitSet asked = affinity;
        if (a == null || a.pool != pool || a.asked != asked) {
            a = Allowed.of(pool, asked);
            allowed = a;
        }
        return a.set.get(p);
    }

    /** pCPUs of a pool that an affinity leaves; all of them when it leaves none, so that a move to another pool never strands a vCPU. */
    private record Allowed(BitSet pool, BitSet asked, BitSet set) {
        static Allowed of(BitSet pool, BitSet asked) {
            if (asked == null || !asked.intersects(pool)) {
                return new Allowed(pool, asked, pool);
            }
            BitSet both = (BitSet) pool.clone();
            both.and(asked);
            return new Allowed(pool, asked, both);
        }
    }

    RunState restState() { return blocked ? RunState.BLOCKED : RunState.OFFLINE; }

    public boolean up() { return up; }
    public boolean blocked() { return blocked; }

    // Reasons, under the core's lock

    /** VCPUOP_up / down (and the builder for vCPU 0). */
    public void up(boolean value) {
        up = value;
        refresh();
    }

    /** SCHEDOP_block: sleeps until an event comes, unless one waits and is accepted now. */
    public void block() {
        v.info.mask(0);
        if (!v.info.pending()) {
            blocked = true;
            refresh();
        }
    }

    /**
     * SCHEDOP_poll: sleeps until an event comes for one of {@code ports}, or any upcall, or the deadline.
     *
     * @param deadline machine time, 0 = none
     */
    public void poll(int[] ports, long deadline) {
        if (v.info.upcallReady()) {
            return;
        }
        for (int p : ports) {
            if (v.domain.events.isPending(p)) {
                return;
            }
        }
        blocked = true;
        poll = ports.length == 1 ? ports[0] : ANY_PORT;
        v.domain.events.pollers(1);
        if (deadline != 0) {
            armPoll(deadline);
        }
        refresh();
    }

    private void armPoll(long at) {
        long number = ++polls;
        pollTimer = v.domain.core.timeline.at(at, () -> pollTimeout(number));
    }

    private void pollTimeout(long number) {
        v.domain.core.lock.lock();
        try {
            // in real time the poll may have ended, and another begun, since this action was taken from the timeline
            if (poll != NO_POLL && number == polls) {
                unblock();
            }
        } finally {
            v.domain.core.lock.unlock();
        }
    }

    /** True when an event on {@code port} ends this vCPU's poll. */
    public boolean pollsFor(int port) { return poll == ANY_PORT || poll == port; }

    /** Ends a block or poll, if any. */
    public void unblock() {
        if (poll != NO_POLL) {
            poll = NO_POLL;
            v.domain.events.pollers(-1);
            if (pollTimer != null) {
                pollTimer.cancel();
                pollTimer = null;
            }
        }
        if (blocked) {
            blocked = false;
            refresh();
        }
    }

    /** SCHEDOP_yield. */
    public void yield() { pool().yield(v); }

    /** To be called when something changed that {@link #runnable} depends on outside this class (the domain's state). */
    public void refresh() { pool().refresh(v); }

    /** Makes the vCPU look at its events before it goes on; makes the pCPU that runs it leave the guest. Any thread. */
    public void kick() {
        wantsResume = true;
        int p = pcpu;
        if (p >= 0) {
            v.domain.core.dispatcher.interrupt(p);
        }
    }

    // Caps: counted here so that a swap forgives nothing; the pools' lock is held

    /** It has run. */
    void charge(long nanos, long now) { capUsed = capUsed(now) + nanos; }

    /** {@link xen.kernel.api.domain.Vcpu#capUsed}. */
    public long capUsed(long now) {
        long p = now / Vcpu.CAP_PERIOD;
        if (p > capPeriod) {
            // after so many periods nothing is owed any more
            long periods = Math.min(p - capPeriod, 1 << 20);
            capUsed = cap == 0 ? 0 : Math.max(0, capUsed - periods * (Vcpu.CAP_PERIOD / 100 * cap));
            capPeriod = p;
        }
        return capUsed;
    }

    // Parameters

    public void parameters(int weight, int cap) {
        if (weight < 1 || weight > 65535 || cap < 0 || cap > 100) {
            throw new IllegalArgumentException("weight " + weight + ", cap " + cap + ": weight is 1 to 65535, cap 0 (none) to 100 percent");
        }
        this.weight = weight;
        this.cap = cap;
        pool().changed(v);
    }

    public void gang(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("gang " + number + ": a number above 0, or 0 for none");
        }
        gang = number;
        pool().changed(v);
    }

    /** Hard affinity; null = everywhere. */
    public void affinity(BitSet pcpus) {
        BitSet all = v.domain.core.schedulers.allPcpus();
        if (pcpus != null && !pcpus.intersects(all)) {
            throw new IllegalArgumentException("affinity " + pcpus + " names no pCPU of the machine (" + all + ")");
        }
        affinity = pcpus == null ? null : (BitSet) pcpus.clone();
        pool().changed(v);
    }

    /** The domain goes: never runs again. */
    public void dispose() {
        unblock();
        up(false);
    }

    // Saving

    /** True when the vCPU is in the middle of nothing. */
    public boolean settled() { return (!up || blocked) && pendingExit < 0; }

    public void capture(StateWriter w) {
        BitSet a = affinity;
        w.part("scheduling").flag(up).flag(blocked).i32(poll);
        Timers.capture(w, pollTimer);
        w.i32(weight).i32(cap).flag(a != null).i64s(a == null ? new long[0] : a.toLongArray()).i32(gang);
        w.i32(lastPcpu).i32(cameFrom).i64(capPeriod).i64(capUsed).flag(yielded).flag(wantsResume).i32(pendingExit).i64(stoppedAt);
    }

    /** Of a vCPU that is down. Affinity to pCPUs that this machine does not have is dropped. */
    public void restore(StateReader r, Timers timers) {
        r.part("scheduling");
        up = r.flag();
        blocked = r.flag();
        poll = r.i32("poll", NO_POLL, 4095);
        timers.restore(r, this::armPoll);
        weight = r.i32("weight", 1, 65535);
        cap = r.i32("cap", 0, 100);
        boolean bound = r.flag();
        BitSet a = BitSet.valueOf(r.i64s("affinity", 64));
        affinity = bound && a.intersects(v.domain.core.schedulers.allPcpus()) ? a : null;
        gang = r.i32("gang", 0, Integer.MAX_VALUE);
        int last = r.i32("last pCPU", -1, 4095), from = r.i32("pCPU before", -1, 4095);
        long period = r.i64("cap period", 0, Timers.MOST), used = r.i64("cap used", Long.MIN_VALUE / 2, Timers.MOST);
        yielded = r.flag();
        wantsResume = r.flag();
        pendingExit = r.i32("exit", -1, Exit.NAMES.length - 1);
        long stopped = r.i64("stop", 0, Timers.MOST);
        if (poll != NO_POLL) {
            v.domain.events.pollers(1);
        }
        timers.exactly(() -> {
            lastPcpu = last;
            cameFrom = from;
            capPeriod = period;
            capUsed = used;
            stoppedAt = stopped;
        });
    }
}
