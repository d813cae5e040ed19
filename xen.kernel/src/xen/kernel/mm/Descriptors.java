package xen.kernel.mm;

import xen.kernel.api.hw.CpuCallbacks;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hypercall.Errno;

/**
 * Which segment descriptors a guest may have (SDM volume 3, 3.4.5 and 5.8): absent ones, code and data (their DPL is raised to 3: guest
 * kernels run in ring 3), and call gates to such code, with DPL 0 so that their use faults and can be emulated; no system segments.
 */
public final class Descriptors {
    /** Code and stack for {@link CpuCallbacks#lastingSelectors}. */
    public static final long LASTING_SELECTORS = 0xe02b_e033L;
    /** First GDT entry that is the hypervisor's: pages 14 and 15. */
    static final int FIRST_RESERVED = 14 * 512;
    static final int PER_PAGE = 512;

    private static final long PRESENT = 1L << 47, CODE_OR_DATA = 1L << 44, DPL = 3L << 45;
    private static final long FLAT_CS32 = 0x00cf_fb00_0000_ffffL, FLAT_DS = CpuCallbacks.LASTING_STACK, FLAT_CS64 = CpuCallbacks.LASTING_CODE;

    private Descriptors() {}

    /** The hypervisor's own entry behind a reserved selector, as guests may load it; 0 if there is none. */
    static long reserved(int selector) {
        return switch (selector & ~7) {
            case 0xe020 -> FLAT_CS32;
            case 0xe028 -> FLAT_DS;
            case 0xe030 -> FLAT_CS64;
            default -> 0;
        };
    }

    static boolean acceptable(long d) {
        if ((d & PRESENT) == 0 || (d & CODE_OR_DATA) != 0) {
            return true;
        }
        int type = (int) (d >>> 40) & 15;
        // 0 is the second half of a 16-byte call gate, 12 a call gate with its reserved byte 0
        return type == 0 || type == 12 && gateTargetOk((int) (d >>> 16) & 0xffff) && (d >>> 32 & 0xff) == 0;
    }

    /** An acceptable descriptor as it stands in a table in force. */
    static long fixedUp(long d) {
        if ((d & PRESENT) == 0) {
            return d;
        }
        if ((d & CODE_OR_DATA) != 0) {
            return d | DPL;
        }
        // of a gate the guest's DPL is kept in the RPL of the target
        return (d >>> 40 & 15) == 0 ? d : d & ~DPL & ~(3L << 16) | (d >>> 45 & 3) << 16;
    }

    /** LDT entries, the guest's own GDT entries with RPL 3, and the flat ones. */
    private static boolean gateTargetOk(int selector) {
        return (selector & 4) != 0 || selector >>> 3 < FIRST_RESERVED && selector >>> 3 != 0 || (selector & ~3) == 0xe030 || (selector & ~3) == 0xe020;
    }

    /** Checks a page of descriptors and, if all are fine, fixes them up in place: 0 or -errno and nothing has changed. */
    static int validatePage(long host) {
        for (int i = 0; i < PER_PAGE; i++) {
            if (!acceptable(Raw.get64(host + i * 8L))) {
                return -Errno.EINVAL;
            }
        }
        for (int i = 0; i < PER_PAGE; i++) {
            long d = Raw.get64(host + i * 8L);
            long fixed = fixedUp(d);
            if (fixed != d) {
                Raw.put64(host + i * 8L, fixed);
            }
        }
        return 0;
    }
}
