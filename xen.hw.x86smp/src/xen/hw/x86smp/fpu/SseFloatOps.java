package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get32;
import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.put32;
import static xen.kernel.api.hw.Raw.put64;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.exec.Ea;
import xen.hw.x86smp.exec.InterpreterCpu;
import xen.hw.x86smp.exec.LazyFlags;
import xen.hw.x86smp.exec.Op;
import xen.kernel.api.hw.VcpuContext;

/** SSE arithmetic and comparison. An op computes into locals, then {@link SseMath#end} decides whether they may be written. */
final class SseFloatOps {
    private static final int PS = 0, PD = 1, SS = 2, SD = 3;

    private SseFloatOps() {}

    static Op bind(Insn i, Ea ea) {
        return switch (i.op) {
            case ADDPS, ADDPD, ADDSS, ADDSD -> arithmetic(i, ea, SseMath.ADD, i.op.ordinal() - Opcode.ADDPS.ordinal());
            case MULPS, MULPD, MULSS, MULSD -> arithmetic(i, ea, SseMath.MUL, i.op.ordinal() - Opcode.MULPS.ordinal());
            case SUBPS, SUBPD, SUBSS, SUBSD -> arithmetic(i, ea, SseMath.SUB, i.op.ordinal() - Opcode.SUBPS.ordinal());
            case MINPS, MINPD, MINSS, MINSD -> arithmetic(i, ea, SseMath.MIN, i.op.ordinal() - Opcode.MINPS.ordinal());
            case DIVPS, DIVPD, DIVSS, DIVSD -> arithmetic(i, ea, SseMath.DIV, i.op.ordinal() - Opcode.DIVPS.ordinal());
            case MAXPS, MAXPD, MAXSS, MAXSD -> arithmetic(i, ea, SseMath.MAX, i.op.ordinal() - Opcode.MAXPS.ordinal());
            case SQRTPS, SQRTPD, SQRTSS, SQRTSD -> arithmetic(i, ea, SseMath.SQRT, i.op.ordinal() - Opcode.SQRTPS.ordinal());
            case CMPPS -> new Element(i, ea, Kind.COMPARE, PS);
            case CMPPD -> new Element(i, ea, Kind.COMPARE, PD);
            case CMPSS -> new Element(i, ea, Kind.COMPARE, SS);
            case CMPSD -> new Element(i, ea, Kind.COMPARE, SD);
            case ROUNDPS -> new Element(i, ea, Kind.ROUND, PS);
            case ROUNDPD -> new Element(i, ea, Kind.ROUND, PD);
            case ROUNDSS -> new Element(i, ea, Kind.ROUND, SS);
            case ROUNDSD -> new Element(i, ea, Kind.ROUND, SD);
            case RCPPS -> new Element(i, ea, Kind.RCP, PS);
            case RCPSS -> new Element(i, ea, Kind.RCP, SS);
            case RSQRTPS -> new Element(i, ea, Kind.RSQRT, PS);
            case RSQRTSS -> new Element(i, ea, Kind.RSQRT, SS);
            case COMISS, UCOMISS, COMISD, UCOMISD -> new Compare(i, ea);
            case HADDPS, HADDPD, HSUBPS, HSUBPD, ADDSUBPS, ADDSUBPD, DPPS, DPPD -> new Horizontal(i, ea);
            default -> null;
        };
    }

    private static Op arithmetic(Insn i, Ea ea, int op, int form) {
        int d = Source.register(i, 0);
        Source s = Source.of(i, 1, ea);
        return switch (form) {
            case PS -> new PackedSingle(op, d, s);
            case PD -> new PackedDouble(op, d, s);
            case SS -> new ScalarSingle(op, d, s);
            default -> switch (op) {
                case SseMath.ADD -> new AddDouble(d, s);
                case SseMath.SUB -> new SubtractDouble(d, s);
                case SseMath.MUL -> new MultiplyDouble(d, s);
                default -> new ScalarDouble(op, d, s);
            };
        };
    }

    static RuntimeException xm(InterpreterCpu c) { return c.raise(Fpu.XM, 0); }

    private static class ScalarDouble extends Op {
        final int op, d;
        final Source s;

        ScalarDouble(int op, int d, Source s) {
            this.op = op;
            this.d = d;
            this.s = s;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            exact(c, get64(s.read(c)));
        }

        final void exact(InterpreterCpu c, long y) {
            long r = c.regs;
            SseMath m = c.fpu.sse;
            m.begin(r);
            long v = m.op64(op, get64(r + d), y);
            if (!m.end(r)) {
                throw xm(c);
            }
            put64(r + d, v);
        }
    }

    // The hot three: host arithmetic inline, everything else by the general way.

    private static final class AddDouble extends ScalarDouble {
        AddDouble(int d, Source s) { super(SseMath.ADD, d, s); }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long y = get64(s.read(c)), r = c.regs, x = get64(r + d);
            long z = Double.doubleToRawLongBits(Double.longBitsToDouble(x) + Double.longBitsToDouble(y));
            if (SseMath.quick(get32(r + VcpuContext.MXCSR), x, y, z)) {
                put64(r + d, z);
            } else {
                exact(c, y);
            }
        }
    }

    private static final class SubtractDouble extends ScalarDouble {
        SubtractDouble(int d, Source s) { super(SseMath.SUB, d, s); }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long y = get64(s.read(c)), r = c.regs, x = get64(r + d);
            long z = Double.doubleToRawLongBits(Double.longBitsToDouble(x) - Double.longBitsToDouble(y));
            if (SseMath.quick(get32(r + VcpuContext.MXCSR), x, y, z)) {
                put64(r + d, z);
            } else {
                exact(c, y);
            }
        }
    }

    private static final class MultiplyDouble extends ScalarDouble {
        MultiplyDouble(int d, Source s) { super(SseMath.MUL, d, s); }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long y = get64(s.read(c)), r = c.regs, x = get64(r + d);
            long z = Double.doubleToRawLongBits(Double.longBitsToDouble(x) * Double.longBitsToDouble(y));
            if (SseMath.quick(get32(r + VcpuContext.MXCSR), x, y, z)) {
                put64(r + d, z);
            } else {
                exact(c, y);
            }
        }
    }

    private static final class ScalarSingle extends Op {
        private final int op, d;
        private final Source s;

        ScalarSingle(int op, int d, Source s) {
            this.op = op;
            this.d = d;
            this.s = s;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            int y = get32(s.read(c));
            long r = c.regs;
            SseMath m = c.fpu.sse;
            m.begin(r);
            int v = m.op32(op, get32(r + d), y);
            if (!m.end(r)) {
                throw xm(c);
            }
            put32(r + d, v);
        }
    }

    private static final class PackedDouble extends Op {
        private final int op, d;
        private final Source s;

        PackedDouble(int op, int d, Source s) {
            this.op = op;
            this.d = d;
            this.s = s;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long h = s.read(c), r = c.regs, a = r + d;
            SseMath m = c.fpu.sse;
            m.begin(r);
            long lo = m.op64(op, get64(a), get64(h)), hi = m.op64(op, get64(a + 8), get64(h + 8));
            if (!m.end(r)) {
                throw xm(c);
            }
            put64(a, lo);
            put64(a + 8, hi);
        }
    }

    private static long pair(int lo, int hi) { return lo & 0xffff_ffffL | (long) hi << 32; }

    private static final class PackedSingle extends Op {
        private final int op, d;
        private final Source s;

        PackedSingle(int op, int d, Source s) {
            this.op = op;
            this.d = d;
            this.s = s;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long h = s.read(c), r = c.regs, a = r + d;
            SseMath m = c.fpu.sse;
            m.begin(r);
            long lo = pair(m.op32(op, get32(a), get32(h)), m.op32(op, get32(a + 4), get32(h + 4)));
            long hi = pair(m.op32(op, get32(a + 8), get32(h + 8)), m.op32(op, get32(a + 12), get32(h + 12)));
            if (!m.end(r)) {
                throw xm(c);
            }
            put64(a, lo);
            put64(a + 8, hi);
        }
    }

    private enum Kind { COMPARE, ROUND, RCP, RSQRT }

    /** The rarer element-wise operations, in all four forms. */
    private static final class Element extends Op {
        private final Kind kind;
        private final int form, d, imm;
        private final Source s;

        Element(Insn i, Ea ea, Kind kind, int form) {
            this.kind = kind;
            this.form = form;
            d = Source.register(i, 0);
            s = Source.of(i, 1, ea);
            imm = kind == Kind.COMPARE ? (int) i.imm & (i.vex ? 31 : 7) : (int) i.imm;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long h = s.read(c), r = c.regs, a = r + d;
            SseMath m = c.fpu.sse;
            m.begin(r);
            long lo, hi = get64(a + 8);
            switch (form) {
                case SS -> lo = pair(one32(m, get32(a), get32(h)), get32(a + 4));
                case SD -> lo = one64(m, get64(a), get64(h));
                case PD -> {
                    lo = one64(m, get64(a), get64(h));
                    hi = one64(m, hi, get64(h + 8));
                }
                default -> {
                    lo = pair(one32(m, get32(a), get32(h)), one32(m, get32(a + 4), get32(h + 4)));
                    hi = pair(one32(m, get32(a + 8), get32(h + 8)), one32(m, get32(a + 12), get32(h + 12)));
                }
            }
            if (!m.end(r)) {
                throw xm(c);
            }
            put64(a, lo);
            put64(a + 8, hi);
        }

        private long one64(SseMath m, long x, long y) { return kind == Kind.COMPARE ? m.cmp64(x, y, imm) : m.round64(y, imm); }

        private int one32(SseMath m, int x, int y) {
            return switch (kind) {
                case COMPARE -> m.cmp32(x, y, imm);
                case ROUND -> m.round32(y, imm);
                case RCP -> SseMath.reciprocal(y);
                case RSQRT -> SseMath.reciprocalRoot(y);
            };
        }
    }

    private static final class Compare extends Op {
        private final int d;
        private final Source s;
        private final boolean signaling, single;

        Compare(Insn i, Ea ea) {
            d = Source.register(i, 0);
            s = Source.of(i, 1, ea);
            signaling = i.op == Opcode.COMISS || i.op == Opcode.COMISD;
            single = i.op == Opcode.COMISS || i.op == Opcode.UCOMISS;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long h = s.read(c), r = c.regs;
            SseMath m = c.fpu.sse;
            m.begin(r);
            int relation = single ? m.compare32(get32(r + d), get32(h), signaling) : m.compare64(get64(r + d), get64(h), signaling);
            if (!m.end(r)) {
                throw xm(c);
            }
            c.fk = LazyFlags.RAW;
            c.fr = relation == 0 ? LazyFlags.ZF | LazyFlags.PF | LazyFlags.CF : relation == 1 ? LazyFlags.CF : relation == 2 ? LazyFlags.ZF : 0;
        }
    }

    /** HADD, HSUB, ADDSUB and the dot products. */
    private static final class Horizontal extends Op {
        private final Opcode op;
        private final int d, imm;
        private final Source s;

        Horizontal(Insn i, Ea ea) {
            op = i.op;
            d = Source.register(i, 0);
            s = Source.of(i, 1, ea);
            imm = (int) i.imm;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long h = s.read(c), r = c.regs, a = r + d;
            SseMath m = c.fpu.sse;
            m.begin(r);
            long lo, hi;
            switch (op) {
                case HADDPD, HSUBPD -> {
                    int k = op == Opcode.HADDPD ? SseMath.ADD : SseMath.SUB;
                    lo = m.op64(k, get64(a), get64(a + 8));
                    hi = m.op64(k, get64(h), get64(h + 8));
                }
                case HADDPS, HSUBPS -> {
                    int k = op == Opcode.HADDPS ? SseMath.ADD : SseMath.SUB;
                    lo = pair(m.op32(k, get32(a), get32(a + 4)), m.op32(k, get32(a + 8), get32(a + 12)));
                    hi = pair(m.op32(k, get32(h), get32(h + 4)), m.op32(k, get32(h + 8), get32(h + 12)));
                }
                case ADDSUBPD -> {
                    lo = m.op64(SseMath.SUB, get64(a), get64(h));
                    hi = m.op64(SseMath.ADD, get64(a + 8), get64(h + 8));
                }
                case ADDSUBPS -> {
                    lo = pair(m.op32(SseMath.SUB, get32(a), get32(h)), m.op32(SseMath.ADD, get32(a + 4), get32(h + 4)));
                    hi = pair(m.op32(SseMath.SUB, get32(a + 8), get32(h + 8)), m.op32(SseMath.ADD, get32(a + 12), get32(h + 12)));
                }
                case DPPD -> {
                    long v = dot64(m, a, h);
                    lo = (imm & 1) != 0 ? v : 0;
                    hi = (imm & 2) != 0 ? v : 0;
                }
                default -> {
                    int v = dot32(m, a, h);
                    lo = pair((imm & 1) != 0 ? v : 0, (imm & 2) != 0 ? v : 0);
                    hi = pair((imm & 4) != 0 ? v : 0, (imm & 8) != 0 ? v : 0);
                }
            }
            if (!m.end(r)) {
                throw xm(c);
            }
            put64(a, lo);
            put64(a + 8, hi);
        }

        private long dot64(SseMath m, long a, long h) {
            long x = (imm & 0x10) != 0 ? m.op64(SseMath.MUL, get64(a), get64(h)) : 0;
            long y = (imm & 0x20) != 0 ? m.op64(SseMath.MUL, get64(a + 8), get64(h + 8)) : 0;
            m.step();
            return m.op64(SseMath.ADD, x, y);
        }

        private int dot32(SseMath m, long a, long h) {
            int w = product(m, a, h, 0), x = product(m, a, h, 1), y = product(m, a, h, 2), z = product(m, a, h, 3);
            m.step();
            int lo = m.op32(SseMath.ADD, w, x), hi = m.op32(SseMath.ADD, y, z);
            m.step();
            return m.op32(SseMath.ADD, lo, hi);
        }

        private int product(SseMath m, long a, long h, int i) {
            return (imm >> 4 + i & 1) != 0 ? m.op32(SseMath.MUL, get32(a + 4 * i), get32(h + 4 * i)) : 0;
        }
    }
}
