package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get32;
import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.put32;
import static xen.kernel.api.hw.Raw.put64;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.exec.Ea;
import xen.hw.x86smp.exec.InterpreterCpu;
import xen.hw.x86smp.exec.Op;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** Saving and restoring: FXSAVE, XSAVE, the x87 environments, MXCSR, XGETBV, EMMS. */
final class StateOps {
    private static final int LEGACY = 512, HEADER = 64, X87_BIT = 1, SSE_BIT = 2, AVX_BIT = 4;
    /** Where the upper halves of the YMM registers are in XSAVE's standard form. */
    private static final int YMM = LEGACY + HEADER, YMM_SIZE = 256;

    private StateOps() {}

    static Op bind(Insn i, Ea ea) {
        boolean w = i.rexW, all = i.mode == Insn.MODE_64, wide = i.osz != 2;
        int xmms = all ? 16 : 8;
        return switch (i.op) {
            case LDMXCSR -> op(c -> loadMxcsr(c, ea));
            case STMXCSR -> op(c -> {
                Fpu.sse(c);
                c.store32(ea.of(c), get32(c.regs + VcpuContext.MXCSR));
            });
            case FXSAVE -> op(c -> fxsave(c, ea.of(c), w, xmms));
            case FXRSTOR -> op(c -> fxrstor(c, ea.of(c), w, xmms));
            case XSAVE -> op(c -> xsave(c, ea.of(c), w, xmms, -1));
            // leaves out what is in its initial state; nothing is left out because it was not modified
            case XSAVEOPT -> op(c -> xsave(c, ea.of(c), w, xmms, X87State.inUse(c.regs)));
            case XRSTOR -> op(c -> xrstor(c, ea.of(c), w, xmms));
            case XGETBV -> op(StateOps::xgetbv);
            case EMMS -> op(c -> {
                Fpu.waiting(c);
                Raw.put16(c.regs + VcpuContext.FTW, 0xffff);
                Raw.put16(c.regs + VcpuContext.FSW, Raw.get16(c.regs + VcpuContext.FSW) & ~0x3800);
            });
            case FWAIT -> op(Fpu::waiting);
            case FNSTENV -> op(c -> {
                Fpu.sse(c);
                int n = wide ? 28 : 14;
                long va = ea.of(c), r = c.regs;
                Fpu.probe(c, va, n);
                X87State.storeEnvironment(r, c.fpu.scratch, wide);
                Fpu.copyOut(c, c.fpu.scratch, va, n);
                X87Transfer.loadControl(r, Raw.get16(r + VcpuContext.FCW) | 0x3f);
            });
            case FLDENV -> op(c -> {
                Fpu.waiting(c);
                Fpu.copyIn(c, ea.of(c), c.fpu.scratch, wide ? 28 : 14);
                X87State.loadEnvironment(c.regs, c.fpu.scratch, wide);
            });
            case FNSAVE -> op(c -> {
                Fpu.sse(c);
                int n = wide ? 28 : 14;
                long va = ea.of(c);
                Fpu.probe(c, va, n + 80);
                X87State.storeEnvironment(c.regs, c.fpu.scratch, wide);
                X87State.storeRegisters(c.regs, c.fpu.scratch + n);
                Fpu.copyOut(c, c.fpu.scratch, va, n + 80);
                X87Transfer.init(c.regs);
            });
            case FRSTOR -> op(c -> {
                Fpu.waiting(c);
                int n = wide ? 28 : 14;
                Fpu.copyIn(c, ea.of(c), c.fpu.scratch, n + 80);
                X87State.loadEnvironment(c.regs, c.fpu.scratch, wide);
                X87State.loadRegisters(c.regs, c.fpu.scratch + n);
            });
            default -> null;
        };
    }

    private interface Body {
        void exec(InterpreterCpu c);
    }

    private static Op op(Body b) {
        return new Op() {
            @Override public void exec(InterpreterCpu c) { b.exec(c); }
        };
    }

    private static RuntimeException gp(InterpreterCpu c) { return c.raise(Fpu.GP, 0); }

    private static void loadMxcsr(InterpreterCpu c, Ea ea) {
        Fpu.sse(c);
        int v = (int) c.load32(ea.of(c));
        if (!X87State.validMxcsr(v)) {
            throw gp(c);
        }
        put32(c.regs + VcpuContext.MXCSR, v);
    }

    private static void xgetbv(InterpreterCpu c) {
        long r = c.regs;
        if (get32(r + VcpuContext.GPR + 8 * VcpuContext.RCX) != 0) {
            throw gp(c);
        }
        long v = get64(r + VcpuContext.XCR0);
        put64(r + VcpuContext.GPR + 8 * VcpuContext.RAX, v & 0xffff_ffffL);
        put64(r + VcpuContext.GPR + 8 * VcpuContext.RDX, v >>> 32);
    }

    private static void fxsave(InterpreterCpu c, long va, boolean w, int xmms) {
        Fpu.sse(c);
        if ((va & 15) != 0) {
            throw gp(c);
        }
        Fpu.probe(c, va, LEGACY);
        long r = c.regs, s = c.fpu.scratch;
        X87State.fxsave(r, s, w);
        mxcsr(r, s);
        X87State.storeVectors(r, s, xmms);
        Fpu.copyOut(c, s, va, X87State.FXSAVE_XMM + 16 * xmms);
    }

    private static void mxcsr(long r, long s) {
        put32(s + 24, get32(r + VcpuContext.MXCSR));
        put32(s + 28, X87State.MXCSR_MASK);
    }

    private static void fxrstor(InterpreterCpu c, long va, boolean w, int xmms) {
        Fpu.sse(c);
        if ((va & 15) != 0) {
            throw gp(c);
        }
        long r = c.regs, s = c.fpu.scratch;
        Fpu.copyIn(c, va, s, LEGACY);
        int v = get32(s + 24);
        if (!X87State.validMxcsr(v)) {
            throw gp(c);
        }
        put32(r + VcpuContext.MXCSR, v);
        X87State.fxrstor(r, s, w);
        X87State.loadVectors(r, s, xmms);
    }

    private static int requested(long r) {
        return get32(r + VcpuContext.GPR + 8 * VcpuContext.RAX) & (int) get64(r + VcpuContext.XCR0) & (X87_BIT | SSE_BIT | AVX_BIT);
    }

    /** @param write components whose image is written if they are requested */
    private static void xsave(InterpreterCpu c, long va, boolean w, int xmms, int write) {
        Fpu.sse(c);
        if ((va & 63) != 0) {
            throw gp(c);
        }
        long r = c.regs, s = c.fpu.scratch;
        int want = requested(r);
        Fpu.probe(c, va, (want & AVX_BIT) != 0 ? YMM + YMM_SIZE : YMM);
        long header = c.load64(va + LEGACY);
        if ((want & write & X87_BIT) != 0) {
            X87State.fxsave(r, s, w);
            Fpu.copyOut(c, s, va, 24);
            Fpu.copyOut(c, s + 32, va + 32, 128);
        }
        if ((want & (SSE_BIT | AVX_BIT)) != 0) {
            mxcsr(r, s);
            Fpu.copyOut(c, s + 24, va + 24, 8);
        }
        if ((want & write & SSE_BIT) != 0) {
            X87State.storeVectors(r, s, xmms);
            Fpu.copyOut(c, s + X87State.FXSAVE_XMM, va + X87State.FXSAVE_XMM, 16 * xmms);
        }
        if ((want & write & AVX_BIT) != 0) {
            X87State.storeUpper(r, s + YMM, xmms);
            Fpu.copyOut(c, s + YMM, va + YMM, 16 * xmms);
        }
        c.store64(va + LEGACY, header & ~(long) want | want & X87State.inUse(r));
    }

    private static void xrstor(InterpreterCpu c, long va, boolean w, int xmms) {
        Fpu.sse(c);
        if ((va & 63) != 0) {
            throw gp(c);
        }
        long r = c.regs, s = c.fpu.scratch;
        Fpu.copyIn(c, va, s, LEGACY + HEADER);
        int want = requested(r);
        long present = get64(s + LEGACY);
        int v = get32(s + 24);
        if ((present & ~get64(r + VcpuContext.XCR0) | get64(s + LEGACY + 8) | get64(s + LEGACY + 16)) != 0
                || (want & (SSE_BIT | AVX_BIT)) != 0 && !X87State.validMxcsr(v)) {
            throw gp(c);
        }
        if ((want & present & AVX_BIT) != 0) {
            Fpu.copyIn(c, va + YMM, s + YMM, 16 * xmms);
        }
        if ((want & X87_BIT) != 0) {
            if ((present & X87_BIT) != 0) {
                X87State.fxrstor(r, s, w);
            } else {
                X87State.initX87(r);
            }
        }
        if ((want & (SSE_BIT | AVX_BIT)) != 0) {
            put32(r + VcpuContext.MXCSR, v);
        }
        if ((want & SSE_BIT) != 0) {
            if ((present & SSE_BIT) != 0) {
                X87State.loadVectors(r, s, xmms);
            } else {
                X87State.initVectors(r, xmms);
            }
        }
        if ((want & AVX_BIT) != 0) {
            if ((present & AVX_BIT) != 0) {
                X87State.loadUpper(r, s + YMM, xmms);
            } else {
                X87State.initUpper(r, xmms);
            }
        }
    }
}
