package xen.kernel.api.sched;

import xen.kernel.api.hw.Topology;

/** What a scheduler may ask of the core. */
public interface SchedulerHost {
    /** Of the whole machine: its pCPUs are numbered so, whoever has them. */
    Topology topology();

    /** pCPUs of this scheduler's pool, ascending; any subset of the machine's, and the same until the next {@link Scheduler#start}. */
    int[] pcpus();

    long now();

    /** Makes {@code pcpu} leave its guest (or its idleness) and call {@link Scheduler#pick} soon. */
    void kick(int pcpu);

    /** A {@link #kick} at machine time {@code atNanos} (once): for policies that let a vCPU wait, caps for example. */
    void kickAt(int pcpu, long atNanos);

    /** True when {@code pcpu} runs no vCPU. */
    boolean idle(int pcpu);
}
