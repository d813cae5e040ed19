package xen.kernel.time;

import xen.kernel.api.domain.RunState;
import xen.kernel.core.VcpuImpl;

/** A vCPU's view of time: pvclock, timers, runstates. */
public final class VcpuTime {
    private final VcpuImpl v;
    private volatile RunState state = RunState.OFFLINE;

    public VcpuTime(VcpuImpl v) { this.v = v; }

    public RunState state() { return state; }

    /** Total time in a runstate up to now. */
    public long nanosIn(RunState s) { return 0; }

    public long runningNanos() { return nanosIn(RunState.RUNNING); }

    /** Machine time at which the present runstate was entered. */
    public long stateEntry() { return 0; }

    /** VCPUOP_register_runstate_memory_area: guest virtual address, or 0 for none. */
    public void runstateArea(long va) { }

    /** VCPUOP_register_vcpu_time_memory_area: guest virtual address of a pvclock copy, or 0 for none. */
    public void timeArea(long va) { }

    /** VCPUOP_set_periodic_timer. @return 0 or -errno */
    public long setPeriodic(long periodNanos) { return 0; }

    public void stopPeriodic() { }

    /** VCPUOP_set_singleshot_timer; flag bit 0 = VCPU_SSHOTTMR_future. @return 0 or -errno */
    public long setSingleshot(long deadline, int flags) { return 0; }

    public void stopSingleshot() { }

    /** Writes pvclock (vcpu_info and time area) and runstate area again; on the pCPU that has the vCPU, under the core's lock. */
    public void refresh(int pcpu) { }

    /** The domain goes: cancels timers. */
    public void dispose() { }
}
