package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.put64;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.exec.Ea;
import xen.hw.x86smp.exec.InterpreterCpu;
import xen.hw.x86smp.exec.Op;
import xen.kernel.api.hw.Raw;

/** AVX moves: whole registers, parts that clear the rest, parts that are merged into another register's contents. */
final class AvxMoves {
    private AvxMoves() {}

    static Op bind(Insn i, Ea ea) {
        return switch (i.op) {
            case MOVAPS, MOVAPD, MOVDQA, MOVNTPS, MOVNTPD, MOVNTDQ, MOVNTDQA -> whole(i, ea, Math.max(i.s0, 16) - 1);
            case MOVUPS, MOVUPD, MOVDQU, LDDQU -> whole(i, ea, 0);
            case MOVD, MOVQ -> i.k0 == Insn.XMM ? new Low(i, ea) : AvxOps.plain(i, ea);
            case MOVSS, MOVSD -> i.k0 == Insn.MEM ? AvxOps.plain(i, ea) : i.k1 == Insn.MEM ? new Low(i, ea) : new Merge(i, ea, 0, 0, i.s0);
            case MOVLPS, MOVLPD -> i.k0 == Insn.MEM ? AvxOps.plain(i, ea) : new Merge(i, ea, 0, 0, 8);
            case MOVHPS, MOVHPD -> i.k0 == Insn.MEM ? AvxOps.plain(i, ea) : new Merge(i, ea, 0, 8, 8);
            case MOVLHPS -> new Merge(i, ea, 0, 8, 8);
            case MOVHLPS -> new Merge(i, ea, 8, 0, 8);
            default -> null;
        };
    }

    private static Op whole(Insn i, Ea ea, int alignment) {
        return i.k0 == Insn.MEM ? new Store(i, ea, alignment) : new Load(i, ea, i.k1 == Insn.MEM ? alignment : 0);
    }

    private static final class Load extends Op {
        private final int d, size, alignment;
        private final Source s;

        Load(Insn i, Ea ea, int alignment) {
            d = Source.register(i, 0);
            size = i.s0;
            s = Source.of(i, 1, ea);
            this.alignment = alignment;
        }

        @Override public void exec(InterpreterCpu c) {
            Avx.check(c);
            if (alignment != 0 && (s.ea.of(c) & alignment) != 0) {
                throw c.raise(Fpu.GP, 0);
            }
            Avx.write(c.regs + d, s.read(c), size);
        }
    }

    private static final class Store extends Op {
        private final int s, size, alignment;
        private final Ea ea;

        Store(Insn i, Ea ea, int alignment) {
            s = Source.register(i, 1);
            size = i.s0;
            this.ea = ea;
            this.alignment = alignment;
        }

        @Override public void exec(InterpreterCpu c) {
            Avx.check(c);
            long va = ea.of(c);
            if ((va & alignment) != 0) {
                throw c.raise(Fpu.GP, 0);
            }
            long h = c.hostWrite(va, size), b = c.regs + s;
            for (int k = 0; k < size; k += 8) {
                put64(h + k, get64(b + k));
            }
        }
    }

    /** 4 or 8 bytes, everything above becomes zero. */
    private static final class Low extends Op {
        private final int d, size;
        private final Source s;

        Low(Insn i, Ea ea) {
            d = Source.register(i, 0);
            s = Source.of(i, 1, ea);
            size = i.s1;
        }

        @Override public void exec(InterpreterCpu c) {
            Avx.check(c);
            long h = s.read(c), v = size == 4 ? Raw.getU32(h) : get64(h), a = c.regs + d;
            put64(a, v);
            put64(a + 8, 0);
            Avx.clearHigh(a);
        }
    }

    /** The first source with {@code size} bytes at {@code to} replaced by those at {@code from} of the second. */
    private static final class Merge extends Op {
        private final int d, a, from, to, size;
        private final Source s;

        Merge(Insn i, Ea ea, int from, int to, int size) {
            d = Source.register(i, 0);
            a = Source.register(i, 1);
            s = Source.of(i, 2, ea);
            this.from = from;
            this.to = to;
            this.size = size;
        }

        @Override public void exec(InterpreterCpu c) {
            Avx.check(c);
            long h = s.read(c) + from, v = size == 4 ? Raw.getU32(h) : get64(h), r = c.regs;
            long lo = get64(r + a), hi = get64(r + a + 8), x = r + d;
            put64(x, size == 4 ? lo & 0xffff_ffff_0000_0000L | v : to == 0 ? v : lo);
            put64(x + 8, to == 0 ? hi : v);
            Avx.clearHigh(x);
        }
    }
}
