package xen.kernel.time;

import xen.kernel.core.Core;
import xen.kernel.hypercall.HypercallTable;

/** Stub. */
public final class TimeHypercalls {
    private TimeHypercalls() {}

    public static void register(HypercallTable t, Core core) { }
}
