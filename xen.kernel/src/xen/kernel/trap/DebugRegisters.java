package xen.kernel.trap;

import xen.kernel.api.hw.VcpuContext;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.VcpuImpl;
import xen.kernel.hypercall.GuestAccess;

/** Debug registers of a vCPU, for hypercalls and MOV DR alike; what a guest may set is what cannot hurt the hypervisor. */
final class DebugRegisters {
    static final long DR6_DEFAULT = 0xffff_0ff0L, DR7_DEFAULT = 0x400;
    private static final long CR4_DE = 8;
    private static final long DR7_ACTIVE = 0xff, DR7_GENERAL_DETECT = 1 << 13;
    private static final long SINGLE_STEP = 1 << 14;
    private static final int AREA = VcpuContext.DR;

    private DebugRegisters() {}

    /** @return 0; -ENODEV for a register that does not exist (#UD), -EINVAL for reserved bits, -EPERM for what is not allowed (#GP) */
    static int set(VcpuImpl v, long reg, long value) {
        VcpuContext c = v.context;
        boolean aliases = (v.traps.cr4 & CR4_DE) == 0;
        if (reg >= 0 && reg <= 3) {
            if (!GuestAccess.addressOk(value)) {
                return -Errno.EPERM;
            }
            c.put64(AREA + 8 * (int) reg, value);
        } else if (reg == 6 || reg == 4 && aliases) {
            if (value >>> 32 != 0) {
                return -Errno.EINVAL;
            }
            c.put64(AREA + 32, value & ~0x1000L | 0xffff_0ff0L);
        } else if (reg == 7 || reg == 5 && aliases) {
            return setControl(v, value);
        } else {
            return -Errno.ENODEV;
        }
        return 0;
    }

    private static int setControl(VcpuImpl v, long value) {
        if (value >>> 32 != 0) {
            return -Errno.EINVAL;
        }
        if ((value & DR7_GENERAL_DETECT) != 0) {
            return -Errno.EPERM;
        }
        long control = value & ~0xd800L | DR7_DEFAULT;
        long io = 0;
        if ((control & DR7_ACTIVE) != 0) {
            for (int i = 0; i < 4; i++) {
                if ((control >>> 16 + 4 * i & 3) == 2) {
                    if ((v.traps.cr4 & CR4_DE) == 0) {
                        return -Errno.EPERM;
                    }
                    io |= control & 3L << 2 * i;
                }
            }
        }
        v.traps.dr7Emulated = io;
        v.context.put64(AREA + 40, control & ~io);
        return 0;
    }

    /** DR6 as behind an instruction under RFLAGS.TF. */
    static void singleStepped(VcpuImpl v) { v.context.put64(AREA + 32, v.context.get64(AREA + 32) | SINGLE_STEP); }

    /** True when the register exists for the guest. */
    static boolean exists(VcpuImpl v, long reg) {
        return reg >= 0 && reg <= 7 && (reg < 4 || reg > 5 || (v.traps.cr4 & CR4_DE) == 0);
    }

    /** Value of a register for which {@link #exists}. */
    static long get(VcpuImpl v, long reg) {
        VcpuContext c = v.context;
        return reg < 4 ? c.get64(AREA + 8 * (int) reg) : (reg & 1) == 0 ? c.get64(AREA + 32) : c.get64(AREA + 40) | v.traps.dr7Emulated;
    }
}
