package xen.kernel.hypercall;

import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.Core;

/** Registers the calls that belong to no other subject. */
public final class GeneralHypercalls {
    /** vm_assist types that a 64-bit PV guest may set: 4gb_segments and its notify, writable page tables, pae_extended_cr3,
     *  architectural_iopl, runstate_update_flag, m2p_strict. */
    public static final long ASSISTS = 0x3fL | 1L << 32;

    private GeneralHypercalls() {}

    public static void register(HypercallTable t, Core core) {
        t.register(7, "platform_op", PlatformCalls::domain0Only);
        t.register(13, "multicall", Multicall::call);
        t.register(17, "xen_version", XenVersion::call);
        t.register(18, "console_io", ConsoleIo::call);
        t.register(21, "vm_assist", GeneralHypercalls::vmAssist);
        t.register(33, "physdev_op", PlatformCalls::physdev);
        t.register(35, "sysctl", PlatformCalls::domain0Only);
        t.register(36, "domctl", PlatformCalls::domain0Only);
        t.register(40, "xenpmu_op", PlatformCalls::pmu);
    }

    private static long vmAssist(HypercallFrame c) {
        long type = c.arg(1) & 0xffff_ffffL;
        if (type > 63 || (ASSISTS >>> type & 1) == 0) {
            return -Errno.EINVAL;
        }
        switch ((int) c.arg(0)) {
            case 0 -> c.domain().assists |= 1L << type;
            case 1 -> c.domain().assists &= ~(1L << type);
            default -> {
                return -Errno.ENOSYS;
            }
        }
        return 0;
    }
}
