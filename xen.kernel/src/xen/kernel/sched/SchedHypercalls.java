package xen.kernel.sched;

import xen.kernel.core.Core;
import xen.kernel.hypercall.HypercallTable;

/** Stub. */
public final class SchedHypercalls {
    private SchedHypercalls() {}

    public static void register(HypercallTable t, Core core) { }
}
