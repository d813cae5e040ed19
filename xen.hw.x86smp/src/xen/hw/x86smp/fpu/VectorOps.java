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
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** Ops of {@link Vectors}, {@link Crypto}, {@link Sha}, {@link StringCompare}, and element inserts and extracts. */
final class VectorOps {
    private VectorOps() {}

    static Op bind(Insn i, Ea ea) {
        if (i.k0 == Insn.MMX) {
            return mmx(i, ea);
        }
        int imm = (int) i.imm & 0xff;
        switch (i.op) {
            case PTEST: return new Test(Source.register(i, 0), Source.of(i, 1, ea));
            case PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM: return new Strings(i, ea);
            case PINSRB, PINSRW, PINSRD, PINSRQ: return new Insert(i, ea);
            case PEXTRB, PEXTRW, PEXTRD, PEXTRQ, EXTRACTPS: return new Extract(i, ea);
            case PBLENDVB: return new Masked(Vectors::pblendvb, i, ea);
            case BLENDVPS: return new Masked(Vectors::blendvps, i, ea);
            case BLENDVPD: return new Masked(Vectors::blendvpd, i, ea);
            case SHA256RNDS2: return new Masked(Sha::sha256rnds2, i, ea);
            case PMOVMSKB, MOVMSKPS, MOVMSKPD: return new Mask(i);
            default:
        }
        Vectors.Fn fn = fn(i);
        return fn == null ? null : new Three(fn, Source.register(i, 0), Source.of(i, 1, ea), imm);
    }

    private static Op mmx(Insn i, Ea ea) {
        int imm = (int) i.imm & 0xff;
        return switch (i.op) {
            case PSHUFW -> new MmxImmediate((a, b) -> Lanes.pshufw(b, imm), i, ea);
            case PALIGNR -> new MmxImmediate((a, b) -> align(a, b, imm * 8), i, ea);
            case PINSRW -> new Insert(i, ea);
            default -> null;
        };
    }

    private static long align(long a, long b, int n) {
        return n >= 128 ? 0 : n >= 64 ? a >>> n - 64 : n == 0 ? b : b >>> n | a << 64 - n;
    }

    /** d = fn(d, s, imm). AVX's forms differ in the first source only. */
    private static final class Three extends Op {
        private final Vectors.Fn fn;
        private final int d, imm;
        private final Source s;

        Three(Vectors.Fn fn, int d, Source s, int imm) {
            this.fn = fn;
            this.d = d;
            this.s = s;
            this.imm = imm;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long b = s.read(c), a = c.regs + d;
            fn.apply(a, a, b, imm);
        }
    }

    /** A function with a third vector operand (XMM0 in the legacy forms). */
    private interface MaskFn {
        void apply(long d, long a, long b, long mask);
    }

    private static final class Masked extends Op {
        private final MaskFn fn;
        private final int d, mask;
        private final Source s;

        Masked(MaskFn fn, Insn i, Ea ea) {
            this.fn = fn;
            d = Source.register(i, 0);
            s = Source.of(i, 1, ea);
            mask = Source.register(i, 2);
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long b = s.read(c), a = c.regs + d;
            fn.apply(a, a, b, c.regs + mask);
        }
    }

    private static final class MmxImmediate extends Op {
        private final Lanes.Fn fn;
        private final int d;
        private final Source s;

        MmxImmediate(Lanes.Fn fn, Insn i, Ea ea) {
            this.fn = fn;
            d = Source.register(i, 0);
            s = Source.of(i, 1, ea);
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.waiting(c);
            Fpu.writeMmx(c.regs, d, fn.apply(get64(c.regs + d), get64(s.read(c))));
        }
    }

    private static final class Test extends Op {
        private final int d;
        private final Source s;

        Test(int d, Source s) {
            this.d = d;
            this.s = s;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long b = s.read(c), a = c.regs + d;
            long and = get64(a) & get64(b) | get64(a + 8) & get64(b + 8);
            long andn = ~get64(a) & get64(b) | ~get64(a + 8) & get64(b + 8);
            c.fk = LazyFlags.RAW;
            c.fr = (and == 0 ? LazyFlags.ZF : 0) | (andn == 0 ? LazyFlags.CF : 0);
        }
    }

    private static final class Strings extends Op {
        private final int a, imm;
        private final Source s;
        private final boolean explicit, index, wide;

        Strings(Insn i, Ea ea) {
            a = Source.register(i, 0);
            s = Source.of(i, 1, ea);
            imm = (int) i.imm & 0xff;
            explicit = i.op == Opcode.PCMPESTRI || i.op == Opcode.PCMPESTRM;
            index = i.op == Opcode.PCMPESTRI || i.op == Opcode.PCMPISTRI;
            wide = i.rexW && i.mode == Insn.MODE_64;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long r = c.regs, x = r + a, y = s.read(c);
            int n, m;
            if (explicit) {
                n = StringCompare.explicitLength(length(r + VcpuContext.GPR + 8 * VcpuContext.RAX), imm);
                m = StringCompare.explicitLength(length(r + VcpuContext.GPR + 8 * VcpuContext.RDX), imm);
            } else {
                n = StringCompare.implicitLength(x, imm);
                m = StringCompare.implicitLength(y, imm);
            }
            int result = StringCompare.compare(x, n, y, m, imm);
            if (index) {
                put64(r + VcpuContext.GPR + 8 * VcpuContext.RCX, StringCompare.index(result, imm));
            } else {
                StringCompare.mask(r + VcpuContext.VEC, result, imm);
            }
            c.fk = LazyFlags.RAW;
            c.fr = result >>> 16;
        }

        private long length(long reg) { return wide ? get64(reg) : Raw.get32(reg); }
    }

    /** PINSRx: a general register or memory into one element. */
    private static final class Insert extends Op {
        private final int d, at, size;
        private final Source s;
        private final boolean mmx;

        Insert(Insn i, Ea ea) {
            mmx = i.k0 == Insn.MMX;
            size = switch (i.op) {
                case PINSRB -> 1;
                case PINSRW -> 2;
                case PINSRD -> 4;
                default -> 8;
            };
            d = Source.register(i, 0);
            at = ((int) i.imm & (mmx ? 8 : 16) / size - 1) * size;
            s = Source.of(i, 1, ea);
        }

        @Override public void exec(InterpreterCpu c) {
            if (mmx) {
                Fpu.waiting(c);
                int v = Raw.get16(s.read(c));
                long r = c.regs;
                Fpu.mmx(r);
                Raw.put16(r + d + at, v);
                Raw.put16(r + d + 8, 0xffff);
                return;
            }
            Fpu.sse(c);
            long h = s.read(c), p = c.regs + d + at;
            switch (size) {
                case 1 -> Raw.put8(p, Raw.get8(h));
                case 2 -> Raw.put16(p, Raw.get16(h));
                case 4 -> Raw.put32(p, Raw.get32(h));
                default -> put64(p, get64(h));
            }
        }
    }

    /** PEXTRx, EXTRACTPS: one element, zero-extended into a register or stored. */
    private static final class Extract extends Op {
        private final int s, size;
        private final Source d;
        private final boolean mmx;

        Extract(Insn i, Ea ea) {
            mmx = i.k1 == Insn.MMX;
            size = switch (i.op) {
                case PEXTRB -> 1;
                case PEXTRW -> 2;
                case PEXTRD, EXTRACTPS -> 4;
                default -> 8;
            };
            s = Source.register(i, 1) + ((int) i.imm & (mmx ? 8 : 16) / size - 1) * size;
            d = Source.of(i, 0, ea);
        }

        @Override public void exec(InterpreterCpu c) {
            if (mmx) {
                Fpu.waiting(c);
                Fpu.mmx(c.regs);
            } else {
                Fpu.sse(c);
            }
            long p = c.regs + s;
            long v = switch (size) {
                case 1 -> Raw.get8(p);
                case 2 -> Raw.get16(p);
                case 4 -> Raw.getU32(p);
                default -> get64(p);
            };
            if (!d.memory()) {
                put64(c.regs + d.off, v);
                return;
            }
            long va = d.ea.of(c);
            switch (size) {
                case 1 -> c.store8(va, (int) v);
                case 2 -> c.store16(va, (int) v);
                case 4 -> c.store32(va, (int) v);
                default -> c.store64(va, v);
            }
        }
    }

    /** PMOVMSKB, MOVMSKPS, MOVMSKPD. */
    private static final class Mask extends Op {
        private final int d, s;
        private final boolean mmx;
        private final Opcode op;

        Mask(Insn i) {
            d = Source.register(i, 0);
            s = Source.register(i, 1);
            mmx = i.k1 == Insn.MMX;
            op = i.op;
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            if (mmx) {
                Fpu.waiting(c);
                Fpu.mmx(r);
                put64(r + d, Lanes.pmovmskb(get64(r + s)));
                return;
            }
            Fpu.sse(c);
            long lo = get64(r + s), hi = get64(r + s + 8);
            put64(r + d, op == Opcode.PMOVMSKB ? Lanes.pmovmskb(lo) | Lanes.pmovmskb(hi) << 8
                    : op == Opcode.MOVMSKPD ? lo >>> 63 | hi >>> 63 << 1
                    : lo >>> 31 & 1 | lo >>> 63 << 1 | (hi >>> 31 & 1) << 2 | hi >>> 63 << 3);
        }
    }

    private static Vectors.Fn fn(Insn i) {
        boolean memory = i.k1 == Insn.MEM;
        return switch (i.op) {
            case PUNPCKLBW -> Vectors::punpcklbw;
            case PUNPCKLWD -> Vectors::punpcklwd;
            case PUNPCKLDQ, UNPCKLPS -> Vectors::punpckldq;
            case PUNPCKLQDQ, UNPCKLPD -> Vectors::punpcklqdq;
            case PUNPCKHBW -> Vectors::punpckhbw;
            case PUNPCKHWD -> Vectors::punpckhwd;
            case PUNPCKHDQ, UNPCKHPS -> Vectors::punpckhdq;
            case PUNPCKHQDQ, UNPCKHPD -> Vectors::punpckhqdq;
            case PACKSSWB -> Vectors::packsswb;
            case PACKUSWB -> Vectors::packuswb;
            case PACKSSDW -> Vectors::packssdw;
            case PACKUSDW -> Vectors::packusdw;
            case PHADDW -> Vectors::phaddw;
            case PHADDSW -> Vectors::phaddsw;
            case PHADDD -> Vectors::phaddd;
            case PHSUBW -> Vectors::phsubw;
            case PHSUBSW -> Vectors::phsubsw;
            case PHSUBD -> Vectors::phsubd;
            case PSHUFB -> Vectors::pshufb;
            case PSHUFD -> Vectors::pshufd;
            case PSHUFLW -> Vectors::pshuflw;
            case PSHUFHW -> Vectors::pshufhw;
            case SHUFPS -> Vectors::shufps;
            case SHUFPD -> Vectors::shufpd;
            case MOVSLDUP -> Vectors::movsldup;
            case MOVSHDUP -> Vectors::movshdup;
            case MOVDDUP -> Vectors::movddup;
            case PSLLDQ -> Vectors::pslldq;
            case PSRLDQ -> Vectors::psrldq;
            case PALIGNR -> Vectors::palignr;
            case BLENDPS -> Vectors::blendps;
            case BLENDPD -> Vectors::blendpd;
            case PBLENDW -> Vectors::pblendw;
            case MPSADBW -> Vectors::mpsadbw;
            case PHMINPOSUW -> Vectors::phminposuw;
            case INSERTPS -> (d, a, b, imm) -> Vectors.insertps(d, a, b, imm, memory);
            default -> fn2(i.op);
        };
    }

    private static Vectors.Fn fn2(Opcode op) {
        return switch (op) {
            case PMOVSXBW -> Vectors::pmovsxbw;
            case PMOVSXBD -> Vectors::pmovsxbd;
            case PMOVSXBQ -> Vectors::pmovsxbq;
            case PMOVSXWD -> Vectors::pmovsxwd;
            case PMOVSXWQ -> Vectors::pmovsxwq;
            case PMOVSXDQ -> Vectors::pmovsxdq;
            case PMOVZXBW -> Vectors::pmovzxbw;
            case PMOVZXBD -> Vectors::pmovzxbd;
            case PMOVZXBQ -> Vectors::pmovzxbq;
            case PMOVZXWD -> Vectors::pmovzxwd;
            case PMOVZXWQ -> Vectors::pmovzxwq;
            case PMOVZXDQ -> Vectors::pmovzxdq;
            case AESENC -> Crypto::aesenc;
            case AESENCLAST -> Crypto::aesenclast;
            case AESDEC -> Crypto::aesdec;
            case AESDECLAST -> Crypto::aesdeclast;
            case AESIMC -> Crypto::aesimc;
            case AESKEYGENASSIST -> Crypto::aeskeygenassist;
            case PCLMULQDQ -> Crypto::pclmulqdq;
            case SHA1NEXTE -> Sha::sha1nexte;
            case SHA1MSG1 -> Sha::sha1msg1;
            case SHA1MSG2 -> Sha::sha1msg2;
            case SHA1RNDS4 -> Sha::sha1rnds4;
            case SHA256MSG1 -> Sha::sha256msg1;
            case SHA256MSG2 -> Sha::sha256msg2;
            default -> null;
        };
    }
}
