package xen.hw.x86smp.exec;

import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * Segment loads and far transfers as ring 3 may do them (SDM vol. 3, 5.4-5.8). Descriptors come from the core. A check that fails raises
 * before anything changes.
 */
final class Segments {
    private static final int NP = 11, SS = 12, GP = 13;
    private static final long S = 1L << 44, CODE = 1L << 43, CONFORMING = 1L << 42, RW = 1L << 41, PRESENT = 1L << 47, L = 1L << 53, D = 1L << 54, G = 1L << 55;

    private Segments() {}

    static long descriptor(InterpreterCpu c, int selector) { return c.callbacks.descriptor(c.vcpu(), selector & 0xffff); }

    private static int dpl(long d) { return (int) (d >>> 45) & 3; }

    private static long base(long d) { return d >>> 16 & 0xff_ffffL | d >>> 32 & 0xff00_0000L; }

    private static int limit(long d) {
        int l = (int) (d & 0xffff | d >>> 32 & 0xf_0000);
        return (d & G) != 0 ? l << 12 | 0xfff : l;
    }

    /** The descriptor that {@code selector} may load into data segment {@code seg}; 0 for a null selector; raises if it may not. */
    static long check(InterpreterCpu c, int seg, int selector) {
        int error = selector & 0xfffc;
        if (error == 0) {
            if (seg == VcpuContext.SS) {
                throw c.raise(GP, 0);
            }
            return 0;
        }
        long d = descriptor(c, selector);
        boolean readable = (d & S) != 0 && ((d & CODE) == 0 || (d & RW) != 0);
        boolean ok = d != 0 && readable;
        if (seg == VcpuContext.SS) {
            ok = ok && (d & CODE) == 0 && (d & RW) != 0 && (selector & 3) == 3 && dpl(d) == 3;
        } else {
            ok = ok && ((d & (CODE | CONFORMING)) == (CODE | CONFORMING) || dpl(d) == 3);
        }
        if (!ok) {
            throw c.raise(GP, error);
        }
        if ((d & PRESENT) == 0) {
            throw c.raise(seg == VcpuContext.SS ? SS : NP, error);
        }
        return d;
    }

    /** Loads what {@link #check} allowed. */
    static void load(InterpreterCpu c, int seg, int selector, long d) {
        long r = c.regs;
        Raw.put16(r + VcpuContext.SELECTORS + 2L * seg, selector);
        cache(r, seg, d);
        if (seg == VcpuContext.FS) {
            Raw.put64(r + VcpuContext.FS_BASE, base(d));
        } else if (seg == VcpuContext.GS) {
            Raw.put64(r + VcpuContext.GS_BASE, base(d));
        }
        if (seg == VcpuContext.SS) {
            c.shadow();
        }
        if (!c.longMode) {
            c.segmentsChanged();
        }
    }

    private static void cache(long r, int seg, long d) {
        long at = r + VcpuContext.SEGMENTS + 16L * seg;
        Raw.put32(at, (int) base(d));
        Raw.put32(at + 4, d == 0 ? 0 : limit(d));
        Raw.put32(at + 8, (int) (d >>> 40) & 0xf0ff);
    }

    /** A far jump's or call's code descriptor, or a far return's. */
    static long checkCode(InterpreterCpu c, int selector, boolean ret) {
        int error = selector & 0xfffc;
        if (error == 0) {
            throw c.raise(GP, 0);
        }
        long d = descriptor(c, selector);
        boolean code = d != 0 && (d & (S | CODE)) == (S | CODE) && (d & (L | D)) != (L | D);
        boolean allowed = (!ret || (selector & 3) == 3) && ((d & CONFORMING) != 0 || dpl(d) == 3);
        if (!code || !allowed) {
            throw c.raise(GP, error);
        }
        if ((d & PRESENT) == 0) {
            throw c.raise(NP, error);
        }
        return d;
    }

    static long target(InterpreterCpu c, long d, long to) {
        if ((d & L) != 0) {
            return BranchOps.checked(c, to);
        }
        if ((to & 0xffff_ffffL) > limitOf(d)) {
            throw c.raise(GP, 0);
        }
        return to & 0xffff_ffffL;
    }

    /** @param to offset in the new segment */
    static void transfer(InterpreterCpu c, int selector, long d, long to) {
        Raw.put16(c.regs + VcpuContext.SELECTORS + 2 * VcpuContext.CS, selector | 3);
        cache(c.regs, VcpuContext.CS, d);
        boolean is64 = (d & L) != 0;
        if (c.longMode && !is64) {
            // what brought the vCPU into 64-bit mode need not have looked at the stack segment's descriptor
            cache(c.regs, VcpuContext.SS, descriptor(c, Raw.get16(c.regs + VcpuContext.SELECTORS + 2 * VcpuContext.SS)));
        }
        c.codeMode(is64);
        BranchOps.indirect(c, is64 ? to : c.codeLinear(to));
    }

    /** LAR, LSL, VERR, VERW: the descriptor if this program may look at it, else 0. */
    static long visible(InterpreterCpu c, int selector, boolean limits) {
        if ((selector & 0xfffc) == 0) {
            return 0;
        }
        long d = descriptor(c, selector);
        if (d == 0) {
            return 0;
        }
        int type = (int) (d >>> 40) & 15;
        if ((d & S) == 0) {
            // In long mode: LDT and TSS, and for LAR call gates.
            boolean known = type == 2 || type == 9 || type == 11 || !limits && type == 12;
            return known && dpl(d) == 3 ? d : 0;
        }
        return (d & (CODE | CONFORMING)) == (CODE | CONFORMING) || dpl(d) == 3 ? d : 0;
    }

    static boolean readable(long d) { return (d & S) != 0 && ((d & CODE) == 0 || (d & RW) != 0); }

    static boolean writable(long d) { return (d & S) != 0 && (d & CODE) == 0 && (d & RW) != 0; }

    static long rights(long d) { return d >>> 32 & 0xffff00; }

    static long limitOf(long d) { return limit(d) & 0xffff_ffffL; }
}
