package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get32;
import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.put32;
import static xen.kernel.api.hw.Raw.put64;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.exec.Ea;
import xen.hw.x86smp.exec.InterpreterCpu;
import xen.hw.x86smp.exec.Op;

/** CVTxx2yy: scalars with general registers, between the two formats, packed, and with MMX. */
final class ConvertOps {
    private ConvertOps() {}

    static Op bind(Insn i, Ea ea) {
        return switch (i.op) {
            case CVTSI2SS, CVTSI2SD -> new FromInteger(i, ea);
            case CVTSS2SI, CVTTSS2SI, CVTSD2SI, CVTTSD2SI -> new ToInteger(i, ea);
            case CVTSS2SD, CVTSD2SS -> new Scalar(i, ea);
            case CVTPS2PD, CVTPD2PS, CVTDQ2PS, CVTPS2DQ, CVTTPS2DQ, CVTDQ2PD, CVTPD2DQ, CVTTPD2DQ -> new Packed(i, ea);
            case CVTPI2PS, CVTPI2PD, CVTPS2PI, CVTTPS2PI, CVTPD2PI, CVTTPD2PI -> new WithMmx(i, ea);
            default -> null;
        };
    }

    private static long pair(long lo, long hi) { return lo & 0xffff_ffffL | hi << 32; }

    private static final class FromInteger extends Op {
        private final int d;
        private final Source s;
        private final boolean single;

        FromInteger(Insn i, Ea ea) {
            d = Source.register(i, 0);
            s = Source.of(i, 1, ea);
            single = i.op == Opcode.CVTSI2SS;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long h = s.read(c), r = c.regs, v = s.size == 8 ? get64(h) : get32(h);
            SseMath m = c.fpu.sse;
            m.begin(r);
            if (single) {
                int x = v == (int) v ? m.fromInt32((int) v) : m.fromLong32(v);
                if (!m.end(r)) {
                    throw SseFloatOps.xm(c);
                }
                put32(r + d, x);
            } else {
                long x = m.fromLong64(v);
                if (!m.end(r)) {
                    throw SseFloatOps.xm(c);
                }
                put64(r + d, x);
            }
        }
    }

    private static final class ToInteger extends Op {
        private final int d, bits;
        private final Source s;
        private final boolean single, truncate;

        ToInteger(Insn i, Ea ea) {
            d = Source.register(i, 0);
            s = Source.of(i, 1, ea);
            bits = i.s0 * 8;
            single = i.op == Opcode.CVTSS2SI || i.op == Opcode.CVTTSS2SI;
            truncate = i.op == Opcode.CVTTSD2SI || i.op == Opcode.CVTTSS2SI;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long h = s.read(c), r = c.regs;
            SseMath m = c.fpu.sse;
            m.begin(r);
            long v = single ? m.toInteger32(get32(h), bits, truncate) : m.toInteger64(get64(h), bits, truncate);
            if (!m.end(r)) {
                throw SseFloatOps.xm(c);
            }
            put64(r + d, bits == 64 ? v : v & 0xffff_ffffL);
        }
    }

    private static final class Scalar extends Op {
        private final int d;
        private final Source s;
        private final boolean widen;

        Scalar(Insn i, Ea ea) {
            d = Source.register(i, 0);
            s = Source.of(i, 1, ea);
            widen = i.op == Opcode.CVTSS2SD;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long h = s.read(c), r = c.regs;
            SseMath m = c.fpu.sse;
            m.begin(r);
            long v = widen ? m.floatToDouble(get32(h)) : m.doubleToFloat(get64(h));
            if (!m.end(r)) {
                throw SseFloatOps.xm(c);
            }
            if (widen) {
                put64(r + d, v);
            } else {
                put32(r + d, (int) v);
            }
        }
    }

    private static final class Packed extends Op {
        private final Opcode op;
        private final int d;
        private final Source s;

        Packed(Insn i, Ea ea) {
            op = i.op;
            d = Source.register(i, 0);
            s = Source.of(i, 1, ea);
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long h = s.read(c), r = c.regs;
            SseMath m = c.fpu.sse;
            m.begin(r);
            long lo, hi = 0;
            switch (op) {
                case CVTPS2PD -> {
                    lo = m.floatToDouble(get32(h));
                    hi = m.floatToDouble(get32(h + 4));
                }
                case CVTPD2PS -> lo = pair(m.doubleToFloat(get64(h)), m.doubleToFloat(get64(h + 8)));
                case CVTDQ2PS -> {
                    lo = pair(m.fromInt32(get32(h)), m.fromInt32(get32(h + 4)));
                    hi = pair(m.fromInt32(get32(h + 8)), m.fromInt32(get32(h + 12)));
                }
                case CVTPS2DQ, CVTTPS2DQ -> {
                    boolean t = op == Opcode.CVTTPS2DQ;
                    lo = pair(m.toInteger32(get32(h), 32, t), m.toInteger32(get32(h + 4), 32, t));
                    hi = pair(m.toInteger32(get32(h + 8), 32, t), m.toInteger32(get32(h + 12), 32, t));
                }
                case CVTDQ2PD -> {
                    lo = m.fromLong64(get32(h));
                    hi = m.fromLong64(get32(h + 4));
                }
                default -> {
                    boolean t = op == Opcode.CVTTPD2DQ;
                    lo = pair(m.toInteger64(get64(h), 32, t), m.toInteger64(get64(h + 8), 32, t));
                }
            }
            if (!m.end(r)) {
                throw SseFloatOps.xm(c);
            }
            put64(r + d, lo);
            put64(r + d + 8, hi);
        }
    }

    private static final class WithMmx extends Op {
        private final Opcode op;
        private final int d;
        private final Source s;

        WithMmx(Insn i, Ea ea) {
            op = i.op;
            d = Source.register(i, 0);
            s = Source.of(i, 1, ea);
        }

        @Override public void exec(InterpreterCpu c) {
            boolean fromMemory = s.memory() && (op == Opcode.CVTPI2PS || op == Opcode.CVTPI2PD);
            if (fromMemory) {
                Fpu.sse(c);
            } else {
                Fpu.waiting(c);
            }
            long h = s.read(c), r = c.regs, lo, hi = 0;
            SseMath m = c.fpu.sse;
            m.begin(r);
            switch (op) {
                case CVTPI2PS -> lo = pair(m.fromInt32(get32(h)), m.fromInt32(get32(h + 4)));
                case CVTPI2PD -> {
                    lo = m.fromLong64(get32(h));
                    hi = m.fromLong64(get32(h + 4));
                }
                case CVTPS2PI, CVTTPS2PI -> {
                    boolean t = op == Opcode.CVTTPS2PI;
                    lo = pair(m.toInteger32(get32(h), 32, t), m.toInteger32(get32(h + 4), 32, t));
                }
                default -> {
                    boolean t = op == Opcode.CVTTPD2PI;
                    lo = pair(m.toInteger64(get64(h), 32, t), m.toInteger64(get64(h + 8), 32, t));
                }
            }
            if (!fromMemory) {
                Fpu.mmx(r);
            }
            if (!m.end(r)) {
                throw SseFloatOps.xm(c);
            }
            switch (op) {
                case CVTPI2PS, CVTPI2PD -> {
                    put64(r + d, lo);
                    if (op == Opcode.CVTPI2PD) {
                        put64(r + d + 8, hi);
                    }
                }
                default -> Fpu.writeMmx(r, d, lo);
            }
        }
    }
}
