package xen.kernel.api.domain;

import xen.kernel.api.hw.VcpuContext;

/**
 * A virtual CPU as plugins see it: identity and the parameters that the core keeps across every swap. Implemented by the core only.
 * Parameter reads are single field reads, allowed on hot paths.
 */
public interface Vcpu {
    Domain domain();
    /** Number inside its domain. */
    int id();
    RunState runState();
    /** True when it could run now: up, not blocked, its domain neither paused nor shut down. */
    boolean runnable();
    /** pCPU it runs on or ran on last; -1 if it never ran. */
    int lastPcpu();
    /** Share of CPU time relative to others, default 256. */
    int weight();
    /** Upper limit in percent of one pCPU; 0 = none. */
    int cap();
    /** Machine time is cut into periods of this many nanoseconds, in each of which a vCPU may run cap percent of it. */
    long CAP_PERIOD = 100_000_000L;
    /**
     * What it has run in the present period of its cap, with what it owes from earlier ones: from here a new scheduler goes on counting.
     * Asked in calls to a scheduler only.
     */
    default long capUsed() { return 0; }
    /** pCPUs it may run on (hard affinity). */
    boolean mayRunOn(int pcpu);
    /** The gang it was put into, which should run at the same time; 0 = none by choice, then a policy may take its whole domain. */
    default int gang() { return 0; }
    /** Total nanoseconds it has been in a runstate. */
    default long nanosIn(RunState state) { return state == RunState.RUNNING ? cpuNanos() : 0; }
    /** Total nanoseconds it has been RUNNING. */
    long cpuNanos();
    VcpuContext context();
}
