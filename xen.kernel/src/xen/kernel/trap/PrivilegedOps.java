package xen.kernel.trap;

import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.PrivilegedOp;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.VcpuImpl;
import xen.kernel.cpuid.CpuidPolicy;
import xen.kernel.hypercall.GuestAccess;

/**
 * Emulation of the privileged instructions that a PV guest kernel may execute; the rest, and all of them in user mode except CPUID and
 * permitted port I/O, raise #GP(0) as on a processor at CPL 3.
 */
final class PrivilegedOps {
    private static final int RAX = VcpuContext.RAX, RCX = VcpuContext.RCX, RDX = VcpuContext.RDX, RBX = VcpuContext.RBX;
    /** PG, AM, WP, NE, ET, MP, PE. */
    private static final long CR0 = 0x8005_0033L, CR0_TS = 8;
    /** CR4 bits that the guest chooses: TSD, DE, FSGSBASE, OSXSAVE; and those that it sees of the hypervisor's: PAE, MCE, OSFXSR,
     *  OSXMMEXCPT. */
    private static final long CR4_GUEST = 4 | 8 | 1 << 16 | 1 << 18, CR4_VISIBLE = 0x20 | 0x40 | 0x200 | 0x400;
    private static final int PIT_COUNTER_2 = 0x42;
    /** ud2; "xen"; cpuid. */
    private static final int[] FORCED_CPUID = {0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2};

    private PrivilegedOps() {}

    /** Handles {@code Exit.PRIVILEGED}: executes the instruction, or injects the exception that it deserves. */
    static void emulate(VcpuImpl v, Cpu cpu) {
        VcpuContext c = v.context;
        int operand = c.get32(VcpuContext.EXIT_OPERAND);
        int reg = operand & 0xff, what = operand >>> 8 & 0xffff, size = operand >>> 24;
        boolean kernel = !c.userMode();
        boolean done = switch (PrivilegedOp.of(c.get32(VcpuContext.EXIT_OP))) {
            case CPUID -> cpuid(v);
            case RDMSR -> kernel && rdmsr(v);
            case WRMSR -> kernel && Msrs.write(v, (int) c.gpr(RCX), c.gpr(RDX) << 32 | c.gpr(RAX) & 0xffff_ffffL);
            // Xen ignores both where IOPL permits them: a POPF could not be caught, so the upcall mask must not follow
            case CLI, STI -> ioplAllows(v, kernel);
            case IN -> portAllowed(v, kernel, port(c, what), size) && in(c, port(c, what), size);
            case OUT -> portAllowed(v, kernel, port(c, what), size);
            case CLTS -> kernel && taskSwitched(v, 0);
            // no guest has uncached device memory: start-of-day code of Linux uses it all the same
            case WBINVD -> kernel && advance(c);
            case INVLPG -> kernel && invlpg(v, cpu);
            case READ_CR -> kernel && readCr(v, reg, what);
            case WRITE_CR -> kernel && writeCr(v, what, c.gpr(reg));
            case READ_DR, WRITE_DR -> {
                boolean write = c.get32(VcpuContext.EXIT_OP) == PrivilegedOp.WRITE_DR.ordinal();
                if (kernel && !DebugRegisters.exists(v, what)) {
                    undefined(v, cpu);
                    yield true;
                }
                yield kernel && debugRegister(v, reg, what, write);
            }
            case XSETBV -> kernel && xsetbv(v);
            case MONITOR, MWAIT -> {
                undefined(v, cpu);
                yield true;
            }
            default -> false;
        };
        if (!done) {
            v.traps.countTrap(Vectors.GP);
            Bounce.inject(v, cpu, Vectors.GP, 0);
        }
    }

    /** True when the #UD at RIP is Xen's forced CPUID, which is then done: 0F 0B 78 65 6E 0F A2. */
    static boolean forcedCpuid(VcpuImpl v, Cpu cpu) {
        VcpuContext c = v.context;
        long rip = c.rip() + (c.longMode() ? 0 : c.get32(VcpuContext.SEGMENTS + 16 * VcpuContext.CS) & 0xffff_ffffL);
        for (int i = 0; i < FORCED_CPUID.length; i++) {
            long host = GuestAccess.addressOk(rip + i) ? cpu.translate(c, rip + i, Cpu.EXECUTE) : -1;
            if (host == -1 || Raw.get8(host) != FORCED_CPUID[i]) {
                return false;
            }
        }
        c.put32(VcpuContext.EXIT_LENGTH, FORCED_CPUID.length);
        return cpuid(v);
    }

    private static void undefined(VcpuImpl v, Cpu cpu) {
        v.traps.countTrap(Vectors.UD);
        Bounce.inject(v, cpu, Vectors.UD, Bounce.NO_ERROR);
    }

    private static boolean advance(VcpuContext c) {
        ExitHandler.advance(c);
        return true;
    }

    private static boolean cpuid(VcpuImpl v) {
        VcpuContext c = v.context;
        int[] r = CpuidPolicy.answer(v, v.traps.cr4, (int) c.gpr(RAX), (int) c.gpr(RCX));
        c.gpr(RAX, r[0] & 0xffff_ffffL);
        c.gpr(RBX, r[1] & 0xffff_ffffL);
        c.gpr(RCX, r[2] & 0xffff_ffffL);
        c.gpr(RDX, r[3] & 0xffff_ffffL);
        return advance(c);
    }

    private static boolean rdmsr(VcpuImpl v) {
        VcpuContext c = v.context;
        int msr = (int) c.gpr(RCX);
        Long value = Msrs.read(v, msr);
        if (value == null) {
            // before the guest has a #GP handler, a read of anything but Xen's own range gives 0
            if (v.traps.handler[Vectors.GP] != 0 || msr >>> 16 == 0x4000) {
                return false;
            }
            value = 0L;
        }
        c.gpr(RAX, value & 0xffff_ffffL);
        c.gpr(RDX, value >>> 32);
        return advance(c);
    }

    private static boolean ioplAllowsOnly(VcpuImpl v, boolean kernel) {
        int privilege = kernel ? (v.domain.assists >>> Bounce.ASSIST_ARCHITECTURAL_IOPL & 1) != 0 ? 0 : 1 : 3;
        return privilege <= v.traps.iopl;
    }

    private static boolean ioplAllows(VcpuImpl v, boolean kernel) { return ioplAllowsOnly(v, kernel) && advance(v.context); }

    private static int port(VcpuContext c, int immediate) { return immediate == 0xffff ? (int) c.gpr(RDX) & 0xffff : immediate; }

    /** True when the guest grants itself the port; then there is nothing behind it, and a write is done. */
    private static boolean portAllowed(VcpuImpl v, boolean kernel, int port, int size) {
        return (ioplAllowsOnly(v, kernel) || bitmapAllows(v, port, size)) && advance(v.context);
    }

    private static boolean bitmapAllows(VcpuImpl v, int port, int size) {
        TrapState t = v.traps;
        if (t.ioPorts <= port + size) {
            return false;
        }
        VcpuContext c = v.context;
        boolean user = c.userMode();
        // the bitmap lies in guest kernel space
        c.put32(VcpuContext.MODE, 0);
        long low = t.call.translate(t.ioBitmap + (port >> 3), Cpu.READ), high = t.call.translate(t.ioBitmap + (port >> 3) + 1, Cpu.READ);
        c.put32(VcpuContext.MODE, user ? 1 : 0);
        int mask = (low == -1 ? 0xff : Raw.get8(low)) | (high == -1 ? 0xff : Raw.get8(high)) << 8;
        return (mask >> (port & 7) & (1 << size) - 1) == 0;
    }

    /** Nothing drives the bus: all ones. Only the PIT's counter stands still at 0, so that a calibration against it gives up at once. */
    private static boolean in(VcpuContext c, int port, int size) {
        long mask = size == 1 ? 0xffL : size == 2 ? 0xffffL : 0xffff_ffffL;
        long value = port == PIT_COUNTER_2 && size == 1 ? 0 : mask;
        c.gpr(RAX, size == 4 ? value : c.gpr(RAX) & ~mask | value);
        return true;
    }

    private static boolean taskSwitched(VcpuImpl v, int value) {
        v.context.put32(VcpuContext.TASK_SWITCHED, value);
        return advance(v.context);
    }

    private static boolean invlpg(VcpuImpl v, Cpu cpu) {
        cpu.flushPage(v.context, v.context.get64(VcpuContext.EXIT_CR2));
        return advance(v.context);
    }

    private static boolean readCr(VcpuImpl v, int reg, int cr) {
        VcpuContext c = v.context;
        long value;
        switch (cr) {
            case 0 -> value = CR0 | (c.get32(VcpuContext.TASK_SWITCHED) != 0 ? CR0_TS : 0);
            case 2 -> value = v.info.cr2();
            case 3 -> value = c.get64(VcpuContext.KERNEL_ROOT) << 12;
            case 4 -> value = v.traps.cr4 | CR4_VISIBLE;
            default -> {
                return false;
            }
        }
        c.gpr(reg, value);
        return advance(c);
    }

    private static boolean writeCr(VcpuImpl v, int cr, long value) {
        switch (cr) {
            case 0:
                return ((value ^ CR0) & ~CR0_TS) == 0 && taskSwitched(v, (value & CR0_TS) != 0 ? 1 : 0);
            case 2:
                v.info.cr2(value);
                return advance(v.context);
            case 3:
                return v.domain.memory.setRoot(v, value >>> 12, false) && advance(v.context);
            case 4:
                writeCr4(v, value);
                return advance(v.context);
            default:
                return false;
        }
    }

    /** Bits that the guest does not own are ignored; those of features that it does not have stay 0. */
    static void writeCr4(VcpuImpl v, long value) {
        int[] f1 = CpuidPolicy.answer(v, 0, 1, 0), f7 = CpuidPolicy.answer(v, 0, 7, 0);
        long allowed = ((f1[3] & 1 << 4) != 0 ? 4 : 0) | ((f1[3] & 1 << 2) != 0 ? 8 : 0) | ((f7[1] & 1) != 0 ? 1 << 16 : 0)
                | ((f1[2] & 1 << 26) != 0 ? 1 << 18 : 0);
        v.traps.cr4 = value & CR4_GUEST & allowed;
    }

    private static boolean debugRegister(VcpuImpl v, int reg, int dr, boolean write) {
        VcpuContext c = v.context;
        if (!write) {
            c.gpr(reg, DebugRegisters.get(v, dr));
        } else if (DebugRegisters.set(v, dr, c.gpr(reg)) != 0) {
            return false;
        }
        return advance(c);
    }

    private static boolean xsetbv(VcpuImpl v) {
        VcpuContext c = v.context;
        long value = c.gpr(RDX) << 32 | c.gpr(RAX) & 0xffff_ffffL;
        int[] allowed = CpuidPolicy.answer(v, 0, 0xd, 0);
        boolean bad = (int) c.gpr(RCX) != 0 || (value & 1) == 0 || (value & ~(allowed[0] & 0xffff_ffffL)) != 0
                || (value & 6) == 4 || (v.traps.cr4 & 1 << 18) == 0;
        if (bad) {
            return false;
        }
        c.put64(VcpuContext.XCR0, value);
        return advance(c);
    }
}
