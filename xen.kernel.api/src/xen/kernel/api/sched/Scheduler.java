package xen.kernel.api.sched;

import java.util.Collection;
import xen.kernel.api.domain.Vcpu;

/**
 * SPI of a CPU scheduler: an OSGi service with property {@code xen.scheduler} = its name. Registering does not activate; configuration
 * or a command selects, then the core calls {@link #start}. One instance serves one CPU pool; for more than one the service must be
 * {@link Replicable}. When pCPUs join or leave the pool the core calls {@link #stop} and {@link #start} again. All calls come with the core's scheduling lock of the pool held: they
 * must not block, allocate little and never call back except into {@link SchedulerHost}. An exception from any call makes the core drop
 * the instance, report it, and go on with its bypass (FIFO) scheduler.
 *
 * <p>A vCPU is in the scheduler's hands from {@link #wake} (or start) until it is picked; a picked vCPU comes back through
 * {@link #put}. Parameters (weight, cap, affinity) are read from the {@link Vcpu}: nothing of the scheduler's needs to survive a swap.
 */
public interface Scheduler {
    /** Takes over: {@code runnable} are all runnable vCPUs of the pool that do not run; one that runs comes by {@link #wake} when it stops. */
    void start(SchedulerHost host, Collection<? extends Vcpu> runnable);

    /** {@code vcpu} became runnable (unblocked, unpaused, came up). Ask {@link SchedulerHost#kick} if a pCPU should look at once. */
    void wake(Vcpu vcpu);

    /** {@code vcpu}, queued and not running, may not run any more (paused, down, gone). */
    void sleep(Vcpu vcpu);

    /**
     * What {@code pcpu} should run now; it is idle or its vCPU was {@link #put} back before this call.
     *
     * @return the vCPU, no longer queued, or null for idle
     */
    Vcpu pick(int pcpu, long nowNanos);

    /** Nanoseconds the vCPU just picked may run before the core asks again, &gt; 0. */
    long slice(Vcpu vcpu, int pcpu);

    /**
     * {@code vcpu} stopped running on {@code pcpu}.
     *
     * @param stillRunnable false when it blocked or went away: then it is forgotten until {@link #wake}
     * @param yielded it gave up the rest of its slice (SCHEDOP_yield)
     */
    void put(Vcpu vcpu, int pcpu, long ranNanos, boolean stillRunnable, boolean yielded);

    /** A parameter (weight, cap, affinity) of {@code vcpu} changed; it may be queued, running or blocked. */
    void changed(Vcpu vcpu);

    /** Gives up: forget everything; the core starts the successor with the runnable set. */
    void stop();
}
