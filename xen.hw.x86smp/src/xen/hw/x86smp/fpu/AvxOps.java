package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.put64;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.exec.Ea;
import xen.hw.x86smp.exec.InterpreterCpu;
import xen.hw.x86smp.exec.LazyFlags;
import xen.hw.x86smp.exec.Op;
import xen.hw.x86smp.rules.Lanes;
import xen.kernel.api.hw.VcpuContext;

/** Binds AVX and AVX2: forms of SSE instructions through {@link AvxLanes}, the rest to handlers of their own. */
final class AvxOps {
    private AvxOps() {}

    static Op bind(Insn i, Ea ea) {
        Op o = AvxMoves.bind(i, ea);
        if (o == null) {
            o = AvxMemory.bind(i, ea);
        }
        if (o != null) {
            return o;
        }
        switch (i.op) {
            case VZEROUPPER, VZEROALL: return new Zero(i);
            case PTEST, VTESTPS, VTESTPD: return new Test(i, ea);
            case MOVMSKPS, MOVMSKPD, PMOVMSKB: return new Mask(i);
            case VEXTRACTF128, VEXTRACTI128: return new Extract(i, ea);
            case VCVTPH2PS, VCVTPS2PH: return new AvxHalf(i, ea);
            case VFMADDSUB, VFMSUBADD, VFMADD, VFMSUB, VFNMADD, VFNMSUB: return new AvxFma(i, ea);
            case UCOMISS, UCOMISD, COMISS, COMISD, CVTSS2SI, CVTSD2SI, CVTTSS2SI, CVTTSD2SI, PEXTRB, PEXTRW, PEXTRD, PEXTRQ, EXTRACTPS,
                LDMXCSR, STMXCSR, PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM, MASKMOVDQU: return plain(i, ea);
            default:
        }
        AvxVectors.Fn fn = fn(i);
        return fn != null ? new Three(fn, i, ea) : new AvxLanes(i, ea);
    }

    /** SSE's handler as it is: no vector register is written, or only XMM0. */
    static Op plain(Insn i, Ea ea) { return new Plain(FpOps.sse(i, ea), i.op == Opcode.PCMPESTRM || i.op == Opcode.PCMPISTRM); }

    private static final class Plain extends Op {
        private final Op op;
        private final boolean writesXmm0;

        Plain(Op op, boolean writesXmm0) {
            this.op = op;
            this.writesXmm0 = writesXmm0;
        }

        @Override public void exec(InterpreterCpu c) {
            Avx.check(c);
            op.exec(c);
            if (writesXmm0) {
                Avx.clearHigh(c.regs + VcpuContext.VEC);
            }
        }
    }

    private static AvxVectors.Fn fn(Insn i) {
        boolean immediate = i.k2 == Insn.IMM;
        return switch (i.op) {
            case VPERMILPS -> immediate ? AvxVectors::permilpsImm : AvxVectors::permilps;
            case VPERMILPD -> immediate ? AvxVectors::permilpdImm : AvxVectors::permilpd;
            case VPERM2F128, VPERM2I128 -> AvxVectors::perm2x128;
            case VINSERTF128, VINSERTI128 -> AvxVectors::insert128;
            case VPERMQ, VPERMPD -> AvxVectors::permq;
            case VPERMD, VPERMPS -> AvxVectors::permd;
            case VPBLENDD -> AvxVectors::blendd;
            case VPSLLVD -> AvxVectors::sllvd;
            case VPSRLVD -> AvxVectors::srlvd;
            case VPSRAVD -> AvxVectors::sravd;
            case VPSLLVQ -> AvxVectors::sllvq;
            case VPSRLVQ -> AvxVectors::srlvq;
            case VPBROADCASTB -> AvxVectors::broadcast8;
            case VPBROADCASTW -> AvxVectors::broadcast16;
            case VPBROADCASTD, VBROADCASTSS -> AvxVectors::broadcast32;
            case VPBROADCASTQ, VBROADCASTSD -> AvxVectors::broadcast64;
            case VBROADCASTF128, VBROADCASTI128 -> AvxVectors::broadcast128;
            default -> null;
        };
    }

    /** Through a scratch register: the destination may be one of the sources. */
    private static final class Three extends Op {
        private final AvxVectors.Fn fn;
        private final int d, a, bytes, imm;
        private final Source s;

        Three(AvxVectors.Fn fn, Insn i, Ea ea) {
            this.fn = fn;
            boolean three = i.row.operand(1).charAt(0) == 'F';
            d = Source.register(i, 0);
            a = three ? Source.register(i, 1) : d;
            s = Source.of(i, three ? 2 : 1, ea);
            bytes = i.s0;
            imm = (int) i.imm;
        }

        @Override public void exec(InterpreterCpu c) {
            Avx.check(c);
            long b = s.read(c), r = c.regs, t = r + Source.vector(16);
            fn.apply(t, r + a, b, imm, bytes);
            Avx.write(r + d, t, bytes);
        }
    }

    private static final class Zero extends Op {
        private final int count;
        private final boolean all;

        Zero(Insn i) {
            all = i.op == Opcode.VZEROALL;
            count = i.mode == Insn.MODE_64 ? 16 : 8;
        }

        @Override public void exec(InterpreterCpu c) {
            Avx.check(c);
            for (int k = 0; k < count; k++) {
                long v = c.regs + Source.vector(k);
                if (all) {
                    put64(v, 0);
                    put64(v + 8, 0);
                }
                Avx.clearHigh(v);
            }
        }
    }

    /** VPTEST looks at all bits, VTESTPS and VTESTPD at the elements' signs. */
    private static final class Test extends Op {
        private final int a, bytes;
        private final long bits;
        private final Source s;

        Test(Insn i, Ea ea) {
            a = Source.register(i, 0);
            s = Source.of(i, 1, ea);
            bytes = i.s0;
            bits = i.op == Opcode.PTEST ? -1 : i.op == Opcode.VTESTPD ? Long.MIN_VALUE : 0x8000_0000_8000_0000L;
        }

        @Override public void exec(InterpreterCpu c) {
            Avx.check(c);
            long b = s.read(c), x = c.regs + a, and = 0, andn = 0;
            for (int k = 0; k < bytes; k += 8) {
                and |= get64(x + k) & get64(b + k);
                andn |= ~get64(x + k) & get64(b + k);
            }
            c.fk = LazyFlags.RAW;
            c.fr = ((and & bits) == 0 ? LazyFlags.ZF : 0) | ((andn & bits) == 0 ? LazyFlags.CF : 0);
        }
    }

    private static final class Mask extends Op {
        private final int d, s, bytes;
        private final Opcode op;

        Mask(Insn i) {
            d = Source.register(i, 0);
            s = Source.register(i, 1);
            bytes = i.s1;
            op = i.op;
        }

        @Override public void exec(InterpreterCpu c) {
            Avx.check(c);
            long m = 0, r = c.regs;
            for (int k = 0; k < bytes; k += 8) {
                long v = get64(r + s + k);
                m |= switch (op) {
                    case PMOVMSKB -> (Lanes.pmovmskb(v) & 0xffL) << k;
                    case MOVMSKPD -> (v >>> 63) << k / 8;
                    default -> (v >>> 31 & 1 | v >>> 63 << 1) << k / 4;
                };
            }
            put64(r + d, m);
        }
    }

    /** VEXTRACTF128, VEXTRACTI128. */
    private static final class Extract extends Op {
        private final int s;
        private final Source d;

        Extract(Insn i, Ea ea) {
            d = Source.of(i, 0, ea);
            s = Source.register(i, 1) + 16 * (int) (i.imm & 1);
        }

        @Override public void exec(InterpreterCpu c) {
            Avx.check(c);
            long r = c.regs, lo = get64(r + s), hi = get64(r + s + 8), h = d.write(c);
            put64(h, lo);
            put64(h + 8, hi);
            if (!d.memory()) {
                Avx.clearHigh(h);
            }
        }
    }
}
