package xen.hw.x86smp.exec;

import xen.kernel.api.hw.Raw;

/**
 * Operand forms of the hot ops, with the operands inside the op: registers as byte offsets in the register file, 32-bit immediates, an
 * {@link Ea}'s fields. 16 bytes an op with registers, 24 with memory or an immediate.
 */
final class Operands {
    private Operands() {}

    /** Two registers. */
    abstract static class RR extends Op {
        final byte d, s;

        RR(int d, int s) {
            this.d = (byte) d;
            this.s = (byte) s;
        }
    }

    /** A register and an immediate, which 64-bit instructions extend. */
    abstract static class RI extends Op {
        final byte d;
        final int b;

        RI(int d, int b) {
            this.d = (byte) d;
            this.b = b;
        }
    }

    /** A register and a shift count. */
    abstract static class RN extends Op {
        final byte d, n;

        RN(int d, int n) {
            this.d = (byte) d;
            this.n = (byte) n;
        }
    }

    /** A memory operand. */
    abstract static class M extends Op {
        private final short base, index;
        private final byte seg, scale, how;
        private final int disp;

        M(Ea ea) {
            base = ea.base;
            index = ea.index;
            seg = (byte) (ea.seg >> 3);
            scale = ea.scale;
            how = ea.how;
            disp = (int) ea.disp;
        }

        /** Offset inside the segment (LEA). */
        final long offset(InterpreterCpu c) {
            long r = c.regs;
            return Raw.get64(r + base) + (Raw.get64(r + index) << scale) + disp << how >>> how;
        }

        /** Linear address. */
        final long va(InterpreterCpu c) {
            long r = c.regs, x = Raw.get64(r + base) + (Raw.get64(r + index) << scale) + disp;
            return how == 0 ? x : Ea.linear(c, x, how, seg << 3);
        }
    }

    /** A register and memory, in either direction. */
    abstract static class RM extends M {
        final byte d;

        RM(int d, Ea ea) {
            super(ea);
            this.d = (byte) d;
        }
    }

    /** Memory and an immediate. */
    abstract static class MI extends M {
        final int b;

        MI(Ea ea, int b) {
            super(ea);
            this.b = b;
        }
    }
}
