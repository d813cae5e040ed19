package xen.kernel.sched;

import xen.kernel.api.control.SwapReport;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.core.Core;

/** Stub: the scheduler in charge and its swap. */
public final class SchedulerPool {
    public static final String BYPASS = "bypass";

    public SchedulerPool(Core core) { }

    /** Name of the scheduler in charge. */
    public String name() { return BYPASS; }

    /** A scheduler service came; it takes over when its name is the selected one. Any thread. */
    public void added(String name, Scheduler scheduler) { }

    /** A scheduler service goes; when it was in charge the bypass takes over before this returns. Any thread. */
    public void removed(String name, Scheduler scheduler) { }

    /** Swaps to the named scheduler; HypervisorException when it is not there or does not start (then the old one stays). */
    public SwapReport select(String name) { return new SwapReport(BYPASS, name, 0, 0); }
}
