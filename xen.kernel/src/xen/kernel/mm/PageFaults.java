package xen.kernel.mm;

import xen.kernel.core.VcpuImpl;

/** First look at every #PF of a guest. */
public final class PageFaults {
    private PageFaults() {}

    /** True when the fault is dealt with (retry or instruction done); false: the guest's own fault, bounce it. */
    public static boolean fixup(VcpuImpl v, int pcpu, long cr2, int error) { return false; }
}
