package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.put64;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.exec.Ea;
import xen.hw.x86smp.exec.InterpreterCpu;
import xen.hw.x86smp.exec.Op;
import xen.hw.x86smp.rules.Lanes;
import xen.kernel.api.hw.Raw;

/**
 * The integer SIMD that string functions, copies and ciphers execute all the time, each with a handler of its own: a call through
 * {@link Lanes.Fn} costs as much as the work. Same meaning as in {@link LaneOps} and {@link VectorOps}.
 */
final class HotOps {
    private HotOps() {}

    static Op bind(Insn i, Ea ea) {
        if (i.op == Opcode.PMOVMSKB && i.k1 == Insn.XMM) {
            return new ByteMask(Source.register(i, 0), Source.register(i, 1));
        }
        if (i.k0 != Insn.XMM) {
            return null;
        }
        int d = Source.register(i, 0);
        return switch (i.op) {
            case PXOR, XORPS, XORPD -> new Xor(d, Source.of(i, 1, ea));
            case POR, ORPS, ORPD -> new Or(d, Source.of(i, 1, ea));
            case PAND, ANDPS, ANDPD -> new And(d, Source.of(i, 1, ea));
            case PANDN, ANDNPS, ANDNPD -> new AndNot(d, Source.of(i, 1, ea));
            case PCMPEQB -> new EqualBytes(d, Source.of(i, 1, ea));
            case PCMPEQD -> new EqualDwords(d, Source.of(i, 1, ea));
            case PMINUB -> new MinBytes(d, Source.of(i, 1, ea));
            case PSUBB -> new SubtractBytes(d, Source.of(i, 1, ea));
            case PADDB -> new AddBytes(d, Source.of(i, 1, ea));
            case PADDD -> new AddDwords(d, Source.of(i, 1, ea));
            case PADDQ -> new AddQwords(d, Source.of(i, 1, ea));
            case PSHUFD -> new ShuffleDwords(d, Source.of(i, 1, ea), (int) i.imm & 0xff);
            default -> null;
        };
    }

    /** d = f(d, s). */
    private abstract static class Binary extends Op {
        final int d;
        final Source s;

        Binary(int d, Source s) {
            this.d = d;
            this.s = s;
        }
    }

    private static final class Xor extends Binary {
        Xor(int d, Source s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long b = s.read(c), a = c.regs + d;
            put64(a, get64(a) ^ get64(b));
            put64(a + 8, get64(a + 8) ^ get64(b + 8));
        }
    }

    private static final class Or extends Binary {
        Or(int d, Source s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long b = s.read(c), a = c.regs + d;
            put64(a, get64(a) | get64(b));
            put64(a + 8, get64(a + 8) | get64(b + 8));
        }
    }

    private static final class And extends Binary {
        And(int d, Source s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long b = s.read(c), a = c.regs + d;
            put64(a, get64(a) & get64(b));
            put64(a + 8, get64(a + 8) & get64(b + 8));
        }
    }

    private static final class AndNot extends Binary {
        AndNot(int d, Source s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long b = s.read(c), a = c.regs + d;
            put64(a, ~get64(a) & get64(b));
            put64(a + 8, ~get64(a + 8) & get64(b + 8));
        }
    }

    private static final class EqualBytes extends Binary {
        EqualBytes(int d, Source s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long b = s.read(c), a = c.regs + d;
            put64(a, Lanes.pcmpeqb(get64(a), get64(b)));
            put64(a + 8, Lanes.pcmpeqb(get64(a + 8), get64(b + 8)));
        }
    }

    private static final class EqualDwords extends Binary {
        EqualDwords(int d, Source s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long b = s.read(c), a = c.regs + d;
            put64(a, Lanes.pcmpeqd(get64(a), get64(b)));
            put64(a + 8, Lanes.pcmpeqd(get64(a + 8), get64(b + 8)));
        }
    }

    private static final class MinBytes extends Binary {
        MinBytes(int d, Source s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long b = s.read(c), a = c.regs + d;
            put64(a, Lanes.pminub(get64(a), get64(b)));
            put64(a + 8, Lanes.pminub(get64(a + 8), get64(b + 8)));
        }
    }

    private static final class SubtractBytes extends Binary {
        SubtractBytes(int d, Source s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long b = s.read(c), a = c.regs + d;
            put64(a, Lanes.psubb(get64(a), get64(b)));
            put64(a + 8, Lanes.psubb(get64(a + 8), get64(b + 8)));
        }
    }

    private static final class AddBytes extends Binary {
        AddBytes(int d, Source s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long b = s.read(c), a = c.regs + d;
            put64(a, Lanes.paddb(get64(a), get64(b)));
            put64(a + 8, Lanes.paddb(get64(a + 8), get64(b + 8)));
        }
    }

    private static final class AddDwords extends Binary {
        AddDwords(int d, Source s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long b = s.read(c), a = c.regs + d;
            put64(a, Lanes.paddd(get64(a), get64(b)));
            put64(a + 8, Lanes.paddd(get64(a + 8), get64(b + 8)));
        }
    }

    private static final class AddQwords extends Binary {
        AddQwords(int d, Source s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long b = s.read(c), a = c.regs + d;
            put64(a, get64(a) + get64(b));
            put64(a + 8, get64(a + 8) + get64(b + 8));
        }
    }

    private static final class ByteMask extends Op {
        private final int d, s;

        ByteMask(int d, int s) {
            this.d = d;
            this.s = s;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long b = c.regs + s;
            put64(c.regs + d, Lanes.pmovmskb(get64(b)) | Lanes.pmovmskb(get64(b + 8)) << 8);
        }
    }

    private static final class ShuffleDwords extends Binary {
        private final int w0, w1, w2, w3;

        ShuffleDwords(int d, Source s, int order) {
            super(d, s);
            w0 = (order & 3) * 4;
            w1 = (order >> 2 & 3) * 4;
            w2 = (order >> 4 & 3) * 4;
            w3 = (order >> 6) * 4;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long b = s.read(c), a = c.regs + d;
            long lo = Raw.getU32(b + w0) | Raw.getU32(b + w1) << 32, hi = Raw.getU32(b + w2) | Raw.getU32(b + w3) << 32;
            put64(a, lo);
            put64(a + 8, hi);
        }
    }
}
