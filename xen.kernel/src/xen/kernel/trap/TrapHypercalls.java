package xen.kernel.trap;

import xen.kernel.api.hw.VcpuContext;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.Core;
import xen.kernel.core.VcpuImpl;
import xen.kernel.hypercall.HypercallFrame;
import xen.kernel.hypercall.HypercallTable;

/** Hypercalls by which a vCPU sets up its own traps, stack, segments and debug registers, and iret. */
public final class TrapHypercalls {
    private static final int TRAP_INFO = 16;
    /** callback_op types. */
    private static final int EVENT = 0, FAILSAFE = 1, SYSCALL = 2, NMI = 4, SYSENTER = 5, SYSCALL32 = 7;
    private static final int MASK_EVENTS = 1;

    private TrapHypercalls() {}

    public static void register(HypercallTable t, Core core) {
        t.register(0, "set_trap_table", TrapHypercalls::setTrapTable);
        t.register(3, "stack_switch", c -> {
            c.vcpu().traps.kernelSs = (int) c.arg(0) & 0xffff;
            c.vcpu().traps.kernelSp = c.arg(1);
            return 0;
        });
        t.register(4, "set_callbacks", TrapHypercalls::setCallbacks);
        t.register(5, "fpu_taskswitch", c -> {
            c.vcpu().context.put32(VcpuContext.TASK_SWITCHED, (int) c.arg(0) != 0 ? 1 : 0);
            return 0;
        });
        t.register(8, "set_debugreg", c -> DebugRegisters.set(c.vcpu(), c.arg(0), c.arg(1)));
        t.register(9, "get_debugreg",
                c -> DebugRegisters.exists(c.vcpu(), c.arg(0)) ? DebugRegisters.get(c.vcpu(), c.arg(0)) : -Errno.ENODEV);
        t.register(23, "iret", Iret::call);
        t.register(24, "vcpu_op", VcpuOp::call);
        t.register(25, "set_segment_base", TrapHypercalls::setSegmentBase);
        t.register(28, "nmi_op", TrapHypercalls::nmiOp);
        t.register(30, "callback_op", TrapHypercalls::callbackOp);
    }

    static boolean canonical(long va) { return va << 16 >> 16 == va; }

    /** A null table clears all; else entries up to one with address 0. */
    private static long setTrapTable(HypercallFrame c) {
        TrapState t = c.vcpu().traps;
        long p = c.arg(0);
        if (p == 0) {
            t.clearTable();
            return 0;
        }
        // an entry for a vector replaces an earlier one, so more than one table's worth can only be a guest wasting time
        for (int i = 0; i < 4 * TrapState.VECTORS; i++, p += TRAP_INFO) {
            int head = c.get32(p);
            long address = c.get64(p + 8);
            if (address == 0) {
                return 0;
            }
            if (!canonical(address)) {
                return -Errno.EINVAL;
            }
            set(t, head & 0xff, head >>> 8 & 0xff, head >>> 16, address);
        }
        return -Errno.E2BIG;
    }

    static void set(TrapState t, int vector, int flags, int cs, long address) {
        t.handler[vector] = address;
        t.handlerCs[vector] = cs;
        t.handlerFlags[vector] = flags;
    }

    private static long setCallbacks(HypercallFrame c) {
        int[] types = {EVENT, FAILSAFE, SYSCALL};
        for (int i = 0; i < 3; i++) {
            register(c.vcpu(), types[i], 0, c.arg(i));
        }
        return 0;
    }

    private static long callbackOp(HypercallFrame c) {
        long p = c.arg(1);
        int type = c.get16(p);
        return switch ((int) c.arg(0)) {
            case 0 -> register(c.vcpu(), type, c.get16(p + 2), c.get64(p + 8));
            case 1 -> switch (type) {
                case EVENT, FAILSAFE, SYSCALL, SYSCALL32, SYSENTER -> -Errno.EINVAL;
                case NMI -> {
                    set(c.vcpu().traps, Vectors.NMI, 0, 0, 0);
                    yield 0;
                }
                default -> -Errno.ENOSYS;
            };
            default -> -Errno.ENOSYS;
        };
    }

    private static long register(VcpuImpl v, int type, int flags, long address) {
        if (!canonical(address)) {
            return -Errno.EINVAL;
        }
        TrapState t = v.traps;
        boolean masks = (flags & MASK_EVENTS) != 0;
        switch (type) {
            case EVENT -> t.eventCallback = address;
            case FAILSAFE -> {
                t.failsafeCallback = address;
                t.failsafeMasks = masks;
            }
            case SYSCALL -> {
                t.syscallCallback = address;
                t.syscallMasks = masks;
            }
            case SYSCALL32 -> {
                t.syscall32Callback = address;
                t.syscall32Masks = masks;
            }
            case SYSENTER -> {
                t.sysenterCallback = address;
                t.sysenterMasks = masks;
            }
            case NMI -> set(t, Vectors.NMI, TrapState.TI_MASKS, Bounce.FLAT_CS64, address);
            default -> {
                return -Errno.ENOSYS;
            }
        }
        return 0;
    }

    /** nmi_op: the older way to register the NMI entry, for vCPU 0. */
    private static long nmiOp(HypercallFrame c) {
        return switch ((int) c.arg(0)) {
            case 0 -> c.vcpu().id() != 0 ? -Errno.EINVAL : register(c.vcpu(), NMI, 0, c.get64(c.arg(1)));
            case 1 -> {
                set(c.vcpu().traps, Vectors.NMI, 0, 0, 0);
                yield 0;
            }
            default -> -Errno.ENOSYS;
        };
    }

    private static long setSegmentBase(HypercallFrame c) {
        VcpuImpl v = c.vcpu();
        VcpuContext x = v.context;
        long base = c.arg(1);
        int which = (int) c.arg(0);
        if (which == 3) {
            loadUserGs(v, (int) base & 0xffff);
            return 0;
        }
        if (which < 0 || which > 3 || !canonical(base)) {
            return -Errno.EINVAL;
        }
        x.put64(which == 0 ? VcpuContext.FS_BASE : which == 1 ? VcpuContext.GS_BASE_OTHER : VcpuContext.GS_BASE, base);
        return 0;
    }

    /** Loads GS for user mode; a selector that cannot be loaded becomes the null selector, and the call succeeds all the same. */
    private static void loadUserGs(VcpuImpl v, int selector) {
        VcpuContext x = v.context;
        int s = selector > 3 ? selector | 3 : selector;
        long d = s > 3 ? v.descriptors.lookup(s) : 0;
        boolean ok = s <= 3 || Segments.isLoadable(d);
        x.selector(VcpuContext.GS, ok ? s : 0);
        x.put64(VcpuContext.GS_BASE_OTHER, ok ? Segments.base(d) : 0);
        Segments.cache(x, VcpuContext.GS, ok ? d : 0);
    }
}
