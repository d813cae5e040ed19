package xen.kernel.event;

import xen.kernel.core.Core;
import xen.kernel.hypercall.HypercallTable;

/** Stub. */
public final class EventHypercalls {
    private EventHypercalls() {}

    public static void register(HypercallTable t, Core core) { }
}
