package xen.kernel.event;

import xen.kernel.api.hw.Raw;
import xen.kernel.core.DomainImpl;
import xen.kernel.time.PvClock;

/** Layout of struct shared_info and vcpu_info for 64-bit guests (xen/include/public/xen.h), and their initial contents. */
public final class SharedInfo {
    public static final int VCPU_INFO_SIZE = 64, LEGACY_VCPUS = 32;
    public static final int UPCALL_PENDING = 0, UPCALL_MASK = 1, PENDING_SEL = 8, CR2 = 16, TIME = 32;
    public static final int EVTCHN_PENDING = 2048, EVTCHN_MASK = 2560, WC_VERSION = 3072, WC_SEC = 3076, WC_NSEC = 3080, WC_SEC_HI = 3084;
    public static final int MAX_PFN = 3088, P2M_LIST_LIST = 3096, NMI_REASON = 3104, P2M_CR3 = 3112, P2M_VADDR = 3120, P2M_GENERATION = 3128;

    private SharedInfo() {}

    /** Host address of the domain's shared_info. */
    public static long address(DomainImpl d) { return d.core.memory.address(d.memory.sharedInfoMfn()); }

    /** Every event upcall masked and the wall clock set; once the frame exists. */
    public static void init(DomainImpl d) {
        long base = address(d);
        for (int i = 0; i < LEGACY_VCPUS; i++) {
            Raw.put8(base + i * (long) VCPU_INFO_SIZE + UPCALL_MASK, 1);
        }
        PvClock.writeWallClock(base + WC_VERSION, d.core.clock);
    }
}
