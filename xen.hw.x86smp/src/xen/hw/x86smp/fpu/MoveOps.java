package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.put64;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.exec.Ea;
import xen.hw.x86smp.exec.InterpreterCpu;
import xen.hw.x86smp.exec.Op;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** Moves of whole vectors and of their parts, in every direction. */
final class MoveOps {
    private MoveOps() {}

    static Op bind(Insn i, Ea ea) {
        return switch (i.op) {
            case MOVAPS, MOVAPD, MOVDQA, MOVNTPS, MOVNTPD, MOVNTDQ, MOVNTDQA -> whole(i, ea, 15);
            case MOVUPS, MOVUPD, MOVDQU, LDDQU -> whole(i, ea, 0);
            case MOVSS, MOVSD -> i.k0 == Insn.XMM && i.k1 == Insn.XMM ? new Part(i.s0, Source.register(i, 1), Source.register(i, 0)) : low(i, ea);
            case MOVLPS, MOVLPD -> i.k0 == Insn.MEM ? new StoreLow(8, Source.register(i, 1), ea) : new LoadHalf(Source.register(i, 0), ea);
            case MOVHPS, MOVHPD -> i.k0 == Insn.MEM ? new StoreLow(8, Source.register(i, 1) + 8, ea) : new LoadHalf(Source.register(i, 0) + 8, ea);
            case MOVHLPS -> new Part(8, Source.register(i, 1) + 8, Source.register(i, 0));
            case MOVLHPS -> new Part(8, Source.register(i, 1), Source.register(i, 0) + 8);
            case MOVD, MOVQ -> i.k0 == Insn.MMX || i.k1 == Insn.MMX ? new Mmx(i, ea) : low(i, ea);
            case MOVNTQ, MOVQ2DQ, MOVDQ2Q -> new Mmx(i, ea);
            case MASKMOVQ, MASKMOVDQU -> new MaskMove(i);
            default -> null;
        };
    }

    private static Op whole(Insn i, Ea ea, int alignment) {
        return i.k0 == Insn.MEM ? new Store(Source.register(i, 1), ea, alignment)
                : i.k1 == Insn.MEM ? new Load(Source.register(i, 0), ea, alignment)
                : new Copy(Source.register(i, 0), Source.register(i, 1));
    }

    /** The low 4 or 8 bytes; the rest of a destination register becomes zero. */
    private static Op low(Insn i, Ea ea) {
        int size = i.s1 == 4 || i.s0 == 4 && i.k0 != Insn.XMM ? 4 : 8;
        if (i.k0 == Insn.MEM) {
            return new StoreLow(size, Source.register(i, 1), ea);
        }
        if (i.k1 == Insn.MEM) {
            return new LoadLow(size, Source.register(i, 0), ea);
        }
        return new Low(size, Source.register(i, 1), Source.register(i, 0), i.k0 == Insn.XMM);
    }

    private static final class Copy extends Op {
        private final int d, s;

        Copy(int d, int s) {
            this.d = d;
            this.s = s;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long a = c.regs + d, b = c.regs + s;
            put64(a, get64(b));
            put64(a + 8, get64(b + 8));
        }
    }

    private static final class Load extends Op {
        private final int d, alignment;
        private final Ea ea;

        Load(int d, Ea ea, int alignment) {
            this.d = d;
            this.ea = ea;
            this.alignment = alignment;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long va = ea.of(c);
            if ((va & alignment) != 0) {
                throw c.raise(Fpu.GP, 0);
            }
            long h = c.hostRead(va, 16), a = c.regs + d;
            put64(a, get64(h));
            put64(a + 8, get64(h + 8));
        }
    }

    private static final class Store extends Op {
        private final int s, alignment;
        private final Ea ea;

        Store(int s, Ea ea, int alignment) {
            this.s = s;
            this.ea = ea;
            this.alignment = alignment;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long va = ea.of(c);
            if ((va & alignment) != 0) {
                throw c.raise(Fpu.GP, 0);
            }
            long h = c.hostWrite(va, 16), b = c.regs + s;
            put64(h, get64(b));
            put64(h + 8, get64(b + 8));
        }
    }

    private static final class LoadLow extends Op {
        private final int size, d;
        private final Ea ea;

        LoadLow(int size, int d, Ea ea) {
            this.size = size;
            this.d = d;
            this.ea = ea;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long va = ea.of(c);
            long v = size == 8 ? c.load64(va) : c.load32(va);
            put64(c.regs + d, v);
            put64(c.regs + d + 8, 0);
        }
    }

    private static final class StoreLow extends Op {
        private final int size, s;
        private final Ea ea;

        StoreLow(int size, int s, Ea ea) {
            this.size = size;
            this.s = s;
            this.ea = ea;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long va = ea.of(c);
            if (size == 8) {
                c.store64(va, get64(c.regs + s));
            } else {
                c.store32(va, Raw.get32(c.regs + s));
            }
        }
    }

    /** Register to register: MOVD, MOVQ. */
    private static final class Low extends Op {
        private final int size, s, d;
        private final boolean vector;

        Low(int size, int s, int d, boolean vector) {
            this.size = size;
            this.s = s;
            this.d = d;
            this.vector = vector;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long r = c.regs;
            put64(r + d, size == 8 ? get64(r + s) : Raw.getU32(r + s));
            if (vector) {
                put64(r + d + 8, 0);
            }
        }
    }

    /** 4 or 8 bytes between registers, the rest stays. */
    private static final class Part extends Op {
        private final int size, s, d;

        Part(int size, int s, int d) {
            this.size = size;
            this.s = s;
            this.d = d;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long r = c.regs;
            if (size == 8) {
                put64(r + d, get64(r + s));
            } else {
                Raw.put32(r + d, Raw.get32(r + s));
            }
        }
    }

    private static final class LoadHalf extends Op {
        private final int d;
        private final Ea ea;

        LoadHalf(int d, Ea ea) {
            this.d = d;
            this.ea = ea;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.sse(c);
            long v = c.load64(ea.of(c));
            put64(c.regs + d, v);
        }
    }

    /** All moves with an MMX register. */
    private static final class Mmx extends Op {
        private final int size;
        private final Source d, s;
        private final boolean toMmx, toXmm;

        Mmx(Insn i, Ea ea) {
            d = Source.of(i, 0, ea);
            s = Source.of(i, 1, ea);
            size = i.k0 == Insn.MMX ? Math.min(i.s1, 8) : Math.min(i.s0, 8);
            toMmx = i.k0 == Insn.MMX;
            toXmm = i.k0 == Insn.XMM;
        }

        @Override public void exec(InterpreterCpu c) {
            Fpu.waiting(c);
            long r = c.regs;
            if (toMmx) {
                long h = s.read(c);
                Fpu.writeMmx(r, d.off, size == 4 ? Raw.getU32(h) : get64(h));
                return;
            }
            long v = size == 4 ? Raw.getU32(r + s.off) : get64(r + s.off);
            if (!d.memory()) {
                put64(r + d.off, v);
                if (toXmm) {
                    put64(r + d.off + 8, 0);
                }
            } else if (size == 4) {
                c.store32(d.ea.of(c), (int) v);
            } else {
                c.store64(d.ea.of(c), v);
            }
            Fpu.mmx(r);
        }
    }

    /** MASKMOVQ, MASKMOVDQU: bytes whose mask bit 7 is set, to DS:rDI. All of them must be writable. */
    private static final class MaskMove extends Op {
        private final int s, mask, bytes, segment;
        private final long offsets;
        private final boolean compat;

        MaskMove(Insn i) {
            s = Source.register(i, 0);
            mask = Source.register(i, 1);
            bytes = i.k0 == Insn.MMX ? 8 : 16;
            offsets = i.asz == 8 ? -1L : i.asz == 4 ? 0xffff_ffffL : 0xffff;
            compat = i.mode == Insn.MODE_32;
            segment = compat ? InterpreterCpu.slot(i.seg) : i.seg == VcpuContext.FS ? VcpuContext.FS_BASE : i.seg == VcpuContext.GS ? VcpuContext.GS_BASE : Ea.ZERO;
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, va;
            if (bytes == 8) {
                Fpu.waiting(c);
            } else {
                Fpu.sse(c);
            }
            va = get64(r + VcpuContext.GPR + 8 * VcpuContext.RDI) & offsets;
            va = compat ? c.compatLinear(segment, va) : va + get64(r + segment);
            if (bytes == 8) {
                Fpu.mmx(r);
            }
            Fpu.probe(c, va, bytes);
            for (int i = 0; i < bytes; i++) {
                if ((Raw.get8(r + mask + i) & 0x80) != 0) {
                    c.store8(va + i, Raw.get8(r + s + i));
                }
            }
        }
    }
}
