package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get32;
import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.put32;
import static xen.kernel.api.hw.Raw.put64;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.exec.Ea;
import xen.hw.x86smp.exec.GuestException;
import xen.hw.x86smp.exec.InterpreterCpu;
import xen.hw.x86smp.exec.Op;
import xen.kernel.api.hw.Raw;

/** AVX accesses to the elements that a mask selects: only those can fault. An element counts when its mask's sign bit is set. */
final class AvxMemory {
    /** Scratch vector register for what was loaded. */
    private static final int SCRATCH = 16;

    private AvxMemory() {}

    static Op bind(Insn i, Ea ea) {
        return switch (i.op) {
            case VMASKMOVPS, VPMASKMOVD -> i.k0 == Insn.MEM ? new MaskedStore(i, ea, 4) : new MaskedLoad(i, ea, 4);
            case VMASKMOVPD, VPMASKMOVQ -> i.k0 == Insn.MEM ? new MaskedStore(i, ea, 8) : new MaskedLoad(i, ea, 8);
            case VPGATHERDD, VGATHERDPS -> new Gather(i, ea, 4, 4);
            case VPGATHERDQ, VGATHERDPD -> new Gather(i, ea, 4, 8);
            case VPGATHERQD, VGATHERQPS -> new Gather(i, ea, 8, 4);
            case VPGATHERQQ, VGATHERQPD -> new Gather(i, ea, 8, 8);
            default -> null;
        };
    }

    private static boolean selected(long mask, int at, int size) { return get32(mask + at + size - 4) < 0; }

    private static long load(InterpreterCpu c, long va, int size) { return size == 4 ? c.load32(va) : c.load64(va); }

    private static void put(long p, int size, long v) {
        if (size == 4) {
            put32(p, (int) v);
        } else {
            put64(p, v);
        }
    }

    private static final class MaskedLoad extends Op {
        private final int d, mask, bytes, size;
        private final Ea ea;

        MaskedLoad(Insn i, Ea ea, int size) {
            d = Source.register(i, 0);
            mask = Source.register(i, 1);
            bytes = i.s0;
            this.size = size;
            this.ea = ea;
        }

        @Override public void exec(InterpreterCpu c) {
            Avx.check(c);
            long va = ea.of(c), r = c.regs, t = r + Source.vector(SCRATCH);
            for (int k = 0; k < bytes; k += size) {
                put(t + k, size, selected(r + mask, k, size) ? load(c, va + k, size) : 0);
            }
            Avx.write(r + d, t, bytes);
        }
    }

    private static final class MaskedStore extends Op {
        private final int s, mask, bytes, size;
        private final Ea ea;

        MaskedStore(Insn i, Ea ea, int size) {
            mask = Source.register(i, 1);
            s = Source.register(i, 2);
            bytes = i.s0;
            this.size = size;
            this.ea = ea;
        }

        @Override public void exec(InterpreterCpu c) {
            Avx.check(c);
            long va = ea.of(c), r = c.regs;
            for (int k = 0; k < bytes; k += size) {
                if (selected(r + mask, k, size)) {
                    Fpu.probe(c, va + k, size);
                }
            }
            for (int k = 0; k < bytes; k += size) {
                if (selected(r + mask, k, size)) {
                    if (size == 4) {
                        c.store32(va + k, get32(r + s + k));
                    } else {
                        c.store64(va + k, get64(r + s + k));
                    }
                }
            }
        }
    }

    /** An element that is done clears its mask: a fault leaves what is to be done again. */
    private static final class Gather extends Op {
        private final int d, index, mask, count, indexSize, size, scale;
        private final Ea ea;

        Gather(Insn i, Ea ea, int indexSize, int size) {
            d = Source.register(i, 0);
            index = Source.vector(i.imm2);
            mask = Source.register(i, 2);
            count = i.s0 / Math.max(indexSize, size);
            scale = i.scale;
            this.indexSize = indexSize;
            this.size = size;
            this.ea = ea;
        }

        @Override public void exec(InterpreterCpu c) {
            Avx.check(c);
            long r = c.regs, base = ea.offset(c);
            boolean gathered = false;
            for (int k = 0; k < count; k++) {
                if (selected(r + mask, k * size, size)) {
                    long x = indexSize == 4 ? get32(r + index + 4 * k) : get64(r + index + 8 * k);
                    put(r + d + k * size, size, element(c, ea.linear(c, base + (x << scale)), gathered));
                    gathered = true;
                }
                put(r + mask + k * size, size, 0);
            }
            int used = count * size;
            Raw.zero(r + d + used, 32 - used);
            Raw.zero(r + mask, 32);
        }

        /** With TF the trap of elements that are done comes in lieu of a later one's fault (SDM volume 2, VGATHERDPS). */
        private long element(InterpreterCpu c, long va, boolean gathered) {
            try {
                return load(c, va, size);
            } catch (GuestException e) {
                throw gathered && c.stepping() ? c.stepped() : e;
            }
        }
    }
}
