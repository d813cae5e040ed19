package xen.kernel.time;

import xen.kernel.api.control.TraceSink;
import xen.kernel.api.domain.RunState;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.api.time.Timeline;
import xen.kernel.core.VcpuImpl;
import xen.kernel.event.SharedInfo;
import xen.kernel.event.Virq;
import xen.kernel.save.StateReader;
import xen.kernel.save.StateWriter;
import xen.kernel.save.Timers;

/**
 * A vCPU's view of time: pvclock copies, singleshot and periodic timer, runstates. Hypercalls and the dispatcher call it with the core's
 * lock held; runstate figures may be read by any thread (guarded by this object's monitor).
 *
 * <p>Runstates change only through {@link #enter}; times in the four states always add up to the time since creation.
 */
public final class VcpuTime {
    private static final long MIN_PERIOD = 1_000_000L;
    /** Longest timer distance that Xen accepts (STIME_DELTA_MAX). */
    private static final long MAX_DELTA = 1L << 57;
    /** A guest computes with a 32-bit multiplier: stamp anew before rounding amounts to a nanosecond. */
    private static final long STAMP_NANOS = 1_000_000_000L;
    private static final int SHOT_FUTURE = 1;

    private final VcpuImpl v;
    private final long[] total = new long[4];
    private volatile RunState state = RunState.OFFLINE;
    private long entry;
    private final GuestAreas areas;
    private long stamped = Long.MIN_VALUE / 2;
    private Timeline.Cancellable singleshot;
    private long timers;
    private Timeline.Cancellable periodic;
    private long period;
    private long lastTick;

    public VcpuTime(VcpuImpl v) {
        this.v = v;
        areas = new GuestAreas(v);
        entry = clock().now();
    }

    private MachineClock clock() { return v.domain.core.clock; }

    // Runstates

    public RunState state() { return state; }

    /** Changes the runstate at machine time {@code now}; a time before the last change (pCPUs interleave in windows) counts as equal. */
    public synchronized void enter(RunState next, long now) {
        long t = Math.max(now, entry);
        total[state.ordinal()] += t - entry;
        entry = t;
        boolean changed = next != state;
        state = next;
        TraceSink sink = changed ? v.domain.core.trace() : null;
        if (sink != null) {
            sink.runstate(v, next, next == RunState.RUNNING ? v.sched.pcpu() : v.sched.lastPcpu(), t);
        }
    }

    /** Total time in a runstate up to now. */
    public long nanosIn(RunState s) { return nanosIn(s, clock().now()); }

    synchronized long nanosIn(RunState s, long now) {
        return total[s.ordinal()] + (s == state ? Math.max(0, now - entry) : 0);
    }

    /** Total time in a runstate when the present one was entered, as VCPUOP_get_runstate_info and the shared area give it. */
    public synchronized long nanosAtEntry(RunState s) { return total[s.ordinal()]; }

    public long runningNanos() { return nanosIn(RunState.RUNNING); }

    /** Machine time at which the present runstate was entered. */
    public synchronized long stateEntry() { return entry; }

    // Areas shared with the guest

    /** VCPUOP_register_runstate_memory_area: guest virtual address, or 0 for none. Written at once when it can be. */
    public void runstateArea(long va) {
        areas.runstate = va;
        if (v.sched.pcpu() >= 0) {
            areas.writeRunstate(v.sched.pcpu(), this);
        }
    }

    /** VCPUOP_register_vcpu_time_memory_area: guest virtual address of a pvclock copy, or 0 for none. */
    public void timeArea(long va) {
        areas.time = va;
        if (v.sched.pcpu() >= 0) {
            refresh(v.sched.pcpu());
        }
    }

    /** Writes pvclock (vcpu_info and time area) again; on the pCPU that has the vCPU, or before it ever ran. */
    public void refresh(int pcpu) {
        MachineClock c = clock();
        // one reading for both halves, so that RDTSC and the stamp agree exactly
        long now = c.now();
        long tsc = c.isVirtual() ? c.cycles() : c.tscAt(now);
        long info = v.info.address();
        // pCPUs interleave in windows, so the vCPUs of an SMP guest must keep a global maximum of their own
        boolean stable = v.domain.vcpu(1) == null;
        PvClock.write(info + SharedInfo.TIME, c, tsc + v.domain.tscOffset, now + v.domain.timeOffset, stable);
        areas.writeTime(pcpu, info + SharedInfo.TIME);
        stamped = now;
    }

    /** The vCPU starts running on {@code pcpu}. */
    public void scheduledIn(int pcpu) {
        long now = clock().now();
        if (now - stamped >= STAMP_NANOS) {
            refresh(pcpu);
        }
        areas.writeRunstate(pcpu, this);
        if (period != 0) {
            resumePeriodic(now);
        }
    }

    /** The vCPU, its new runstate entered, leaves {@code pcpu}. */
    public void scheduledOut(int pcpu) {
        areas.writeRunstate(pcpu, this);
        if (periodic != null) {
            periodic.cancel();
            periodic = null;
        }
    }

    /** vcpu_info moved: the new place gets a current clock when the vCPU runs next. */
    public void infoMoved() { stamped = Long.MIN_VALUE / 2; }

    // Timers

    /** VCPUOP_set_singleshot_timer; {@code guestDeadline} by the domain's clock, flag bit 0 = VCPU_SSHOTTMR_future. @return 0 or -errno */
    public long setSingleshot(long guestDeadline, int flags) {
        long now = clock().now();
        long deadline = v.domain.machineTime(guestDeadline);
        if ((flags & SHOT_FUTURE) != 0 && deadline < now) {
            return -Errno.ETIME;
        }
        stopSingleshot();
        arm(Math.max(deadline, now));
        return 0;
    }

    private void arm(long at) {
        long number = ++timers;
        singleshot = v.domain.core.timeline.at(at, () -> singleshotFired(number));
    }

    private void singleshotFired(long number) {
        v.domain.core.lock.lock();
        try {
            // in real time it may have been stopped or set anew since this action was taken from the timeline
            if (singleshot != null && number == timers) {
                singleshot = null;
                v.domain.events.raiseVirq(v, Virq.TIMER);
            }
        } finally {
            v.domain.core.lock.unlock();
        }
    }

    public void stopSingleshot() {
        if (singleshot != null) {
            singleshot.cancel();
            singleshot = null;
        }
    }

    /** VCPUOP_set_periodic_timer; ticks only while the vCPU runs, a missed tick comes when it runs again. @return 0 or -errno */
    public long setPeriodic(long periodNanos) {
        if (periodNanos < MIN_PERIOD || periodNanos > MAX_DELTA) {
            return -Errno.EINVAL;
        }
        stopPeriodic();
        period = periodNanos;
        lastTick = clock().now();
        if (v.sched.pcpu() >= 0) {
            resumePeriodic(lastTick);
        }
        return 0;
    }

    private void resumePeriodic(long now) {
        if (now - lastTick >= period) {
            tick(now);
        }
        if (periodic == null) {
            periodic = v.domain.core.timeline.at(lastTick + period, this::periodicFired);
        }
    }

    private void periodicFired() {
        v.domain.core.lock.lock();
        try {
            periodic = null;
            if (v.sched.pcpu() >= 0 && period != 0) {
                resumePeriodic(clock().now());
            }
        } finally {
            v.domain.core.lock.unlock();
        }
    }

    private void tick(long now) {
        // ticks that were missed count as one: the next is due a period after the last whole one
        lastTick = now - (now - lastTick) % period;
        v.domain.events.raiseVirq(v, Virq.TIMER);
    }

    public void stopPeriodic() {
        period = 0;
        if (periodic != null) {
            periodic.cancel();
            periodic = null;
        }
    }

    /** The domain goes: cancels timers, forgets areas. */
    public void dispose() {
        stopSingleshot();
        stopPeriodic();
        areas.runstate = 0;
        areas.time = 0;
    }

    // Saving

    /** Machine times are written as the domain's clock has them. */
    public synchronized void capture(StateWriter w) {
        long offset = v.domain.timeOffset;
        w.part("time").i64s(total).i32(state.ordinal()).i64(entry + offset).i64(areas.runstate).i64(areas.time);
        w.i64(stamped + offset).i64(period).i64(lastTick + offset);
        Timers.capture(w, singleshot);
        Timers.capture(w, periodic);
    }

    /** Areas and timers; the runstate follows when the domain goes on: {@code resumed} then sets it as it was. @return what does that */
    public Runnable restore(StateReader r, Timers timers) {
        r.part("time");
        long[] totals = r.i64s("runstates", 4);
        RunState was = RunState.values()[r.i32("runstate", 0, 3)];
        long since = r.i64("runstate entry", -Timers.MOST, Timers.MOST);
        areas.runstate = r.i64();
        areas.time = r.i64();
        long stamp = r.i64();
        long every = r.i64("period", 0, MAX_DELTA);
        long tick = r.i64("last tick", -Timers.MOST, Timers.MOST);
        if (totals.length != 4 || every != 0 && every < MIN_PERIOD) {
            throw r.refused(totals.length + " runstates, period " + every);
        }
        timers.restore(r, this::arm);
        timers.restore(r, at -> periodic = v.domain.core.timeline.at(at, this::periodicFired));
        return () -> {
            long offset = v.domain.timeOffset;
            period = every;
            lastTick = tick - offset;
            stamped = v.domain.timeOffsetKept ? stamp - offset : Long.MIN_VALUE / 2;
            synchronized (this) {
                System.arraycopy(totals, 0, total, 0, 4);
                state = was;
                entry = since - offset;
            }
        };
    }
}
