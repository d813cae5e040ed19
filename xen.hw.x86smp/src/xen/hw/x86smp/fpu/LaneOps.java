package xen.hw.x86smp.fpu;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.exec.Ea;
import xen.hw.x86smp.exec.InterpreterCpu;
import xen.hw.x86smp.exec.Op;
import xen.hw.x86smp.rules.Lanes;
import xen.kernel.api.hw.Raw;

/** Ops of {@link Lanes}: integer SIMD that works on each 64 bits by itself, in its MMX and SSE forms. */
final class LaneOps {
    private LaneOps() {}

    static Op bind(Insn i, Ea ea) {
        if (i.k0 != Insn.XMM && i.k0 != Insn.MMX) {
            return null;
        }
        boolean mmx = i.k0 == Insn.MMX;
        Lanes.Fn shift = shift(i.op);
        if (shift != null) {
            boolean immediate = i.k1 == Insn.IMM;
            return new Shift(shift, Source.register(i, 0), immediate ? null : Source.of(i, 1, ea), i.imm & 0xff, mmx);
        }
        if (i.operands != 2) {
            return null;
        }
        Lanes.Fn fn = fn(i.op);
        if (fn == null && mmx) {
            fn = narrow(i.op);
        }
        if (fn == null) {
            return null;
        }
        Source s = Source.of(i, 1, ea);
        return mmx ? new Mmx(fn, Source.register(i, 0), s) : new Sse(fn, Source.register(i, 0), s);
    }

    /** d = fn(d, s) for both halves. */
    private static final class Sse extends Op {
        private final Lanes.Fn fn;
        private final int d;
        private final Source s;

        Sse(Lanes.Fn fn, int d, Source s) {
            this.fn = fn;
            this.d = d;
            this.s = s;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long b = s.read(c), a = c.regs + d;
            long hi = fn.apply(Raw.get64(a + 8), Raw.get64(b + 8));
            Raw.put64(a, fn.apply(Raw.get64(a), Raw.get64(b)));
            Raw.put64(a + 8, hi);
        }
    }

    private static final class Mmx extends Op {
        private final Lanes.Fn fn;
        private final int d;
        private final Source s;

        Mmx(Lanes.Fn fn, int d, Source s) {
            this.fn = fn;
            this.d = d;
            this.s = s;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.waiting(c);
            long b = s.read(c);
            // PUNPCKLxx reads only 32 bits of memory
            long v = s.size == 4 ? Raw.getU32(b) : Raw.get64(b);
            Fpu.writeMmx(c.regs, d, fn.apply(Raw.get64(c.regs + d), v));
        }
    }

    private static final class Shift extends Op {
        private final Lanes.Fn fn;
        private final int d;
        /** Null for an immediate count. */
        private final Source s;
        private final long count;
        private final boolean mmx;

        Shift(Lanes.Fn fn, int d, Source s, long count, boolean mmx) {
            this.fn = fn;
            this.d = d;
            this.s = s;
            this.count = count;
            this.mmx = mmx;
        }

        @Override public void exec(InterpreterCpu c) {
            if (mmx) {
                Fpu.waiting(c);
                long n = s == null ? count : Raw.get64(s.read(c));
                Fpu.writeMmx(c.regs, d, fn.apply(Raw.get64(c.regs + d), n));
                return;
            }
            Fpu.sse(c);
            long n = s == null ? count : Raw.get64(s.read(c)), a = c.regs + d;
            Raw.put64(a, fn.apply(Raw.get64(a), n));
            Raw.put64(a + 8, fn.apply(Raw.get64(a + 8), n));
        }
    }

    private static Lanes.Fn shift(Opcode op) {
        return switch (op) {
            case PSLLW -> Lanes::psllw;
            case PSLLD -> Lanes::pslld;
            case PSLLQ -> Lanes::psllq;
            case PSRLW -> Lanes::psrlw;
            case PSRLD -> Lanes::psrld;
            case PSRLQ -> Lanes::psrlq;
            case PSRAW -> Lanes::psraw;
            case PSRAD -> Lanes::psrad;
            default -> null;
        };
    }

    /** Method references link when they are first reached: only what a guest uses costs start time. */
    private static Lanes.Fn fn(Opcode op) {
        return switch (op) {
            case PADDB -> Lanes::paddb;
            case PADDW -> Lanes::paddw;
            case PADDD -> Lanes::paddd;
            case PADDQ -> Lanes::paddq;
            case PSUBB -> Lanes::psubb;
            case PSUBW -> Lanes::psubw;
            case PSUBD -> Lanes::psubd;
            case PSUBQ -> Lanes::psubq;
            case PAND, ANDPS, ANDPD -> Lanes::pand;
            case PANDN, ANDNPS, ANDNPD -> Lanes::pandn;
            case POR, ORPS, ORPD -> Lanes::por;
            case PXOR, XORPS, XORPD -> Lanes::pxor;
            case PCMPEQB -> Lanes::pcmpeqb;
            case PCMPEQW -> Lanes::pcmpeqw;
            case PCMPEQD -> Lanes::pcmpeqd;
            case PCMPEQQ -> Lanes::pcmpeqq;
            case PCMPGTB -> Lanes::pcmpgtb;
            case PCMPGTW -> Lanes::pcmpgtw;
            case PCMPGTD -> Lanes::pcmpgtd;
            case PCMPGTQ -> Lanes::pcmpgtq;
            case PMAXSB -> Lanes::pmaxsb;
            case PMAXSW -> Lanes::pmaxsw;
            case PMAXSD -> Lanes::pmaxsd;
            case PMINSB -> Lanes::pminsb;
            case PMINSW -> Lanes::pminsw;
            case PMINSD -> Lanes::pminsd;
            case PMAXUB -> Lanes::pmaxub;
            case PMAXUW -> Lanes::pmaxuw;
            case PMAXUD -> Lanes::pmaxud;
            case PMINUB -> Lanes::pminub;
            case PMINUW -> Lanes::pminuw;
            case PMINUD -> Lanes::pminud;
            case PADDUSB -> Lanes::paddusb;
            case PADDUSW -> Lanes::paddusw;
            case PSUBUSB -> Lanes::psubusb;
            case PSUBUSW -> Lanes::psubusw;
            case PADDSB -> Lanes::paddsb;
            case PADDSW -> Lanes::paddsw;
            case PSUBSB -> Lanes::psubsb;
            case PSUBSW -> Lanes::psubsw;
            case PAVGB -> Lanes::pavgb;
            case PAVGW -> Lanes::pavgw;
            case PMULLW -> Lanes::pmullw;
            case PMULHW -> Lanes::pmulhw;
            case PMULHUW -> Lanes::pmulhuw;
            case PMULHRSW -> Lanes::pmulhrsw;
            case PMULLD -> Lanes::pmulld;
            case PMULUDQ -> Lanes::pmuludq;
            case PMULDQ -> Lanes::pmuldq;
            case PMADDWD -> Lanes::pmaddwd;
            case PMADDUBSW -> Lanes::pmaddubsw;
            case PSADBW -> Lanes::psadbw;
            case PABSB -> Lanes::pabsb;
            case PABSW -> Lanes::pabsw;
            case PABSD -> Lanes::pabsd;
            case PSIGNB -> Lanes::psignb;
            case PSIGNW -> Lanes::psignw;
            case PSIGND -> Lanes::psignd;
            default -> null;
        };
    }

    /** MMX forms of what crosses the halves in SSE. */
    private static Lanes.Fn narrow(Opcode op) {
        return switch (op) {
            case PUNPCKLBW -> Lanes::punpcklbw;
            case PUNPCKLWD -> Lanes::punpcklwd;
            case PUNPCKLDQ -> Lanes::punpckldq;
            case PUNPCKHBW -> Lanes::punpckhbw;
            case PUNPCKHWD -> Lanes::punpckhwd;
            case PUNPCKHDQ -> Lanes::punpckhdq;
            case PACKSSWB -> (a, b) -> Lanes.packsswb(a) | Lanes.packsswb(b) << 32;
            case PACKUSWB -> (a, b) -> Lanes.packuswb(a) | Lanes.packuswb(b) << 32;
            case PACKSSDW -> (a, b) -> Lanes.packssdw(a) | Lanes.packssdw(b) << 32;
            case PHADDW -> (a, b) -> Lanes.phaddw(a) | Lanes.phaddw(b) << 32;
            case PHADDSW -> (a, b) -> Lanes.phaddsw(a) | Lanes.phaddsw(b) << 32;
            case PHADDD -> (a, b) -> Lanes.phaddd(a) | Lanes.phaddd(b) << 32;
            case PHSUBW -> (a, b) -> Lanes.phsubw(a) | Lanes.phsubw(b) << 32;
            case PHSUBSW -> (a, b) -> Lanes.phsubsw(a) | Lanes.phsubsw(b) << 32;
            case PHSUBD -> (a, b) -> Lanes.phsubd(a) | Lanes.phsubd(b) << 32;
            case PSHUFB -> Lanes::pshufb;
            default -> null;
        };
    }
}
