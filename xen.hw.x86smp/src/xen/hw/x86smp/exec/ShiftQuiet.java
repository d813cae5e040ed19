package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Opcode;
import xen.kernel.api.hw.Raw;

/** Shifts, rotates and products of registers whose flags nobody reads. */
final class ShiftQuiet {
    private ShiftQuiet() {}

    /** 32 or 64 bits: the low half of a product is the same for both. */
    static final class Imul extends Op {
        private final byte d, s;
        private final long mask;

        Imul(int d, int s, long mask) {
            this.d = (byte) d;
            this.s = (byte) s;
            this.mask = mask;
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) * Raw.get64(r + s) & mask);
        }
    }

    static final class Shl64 extends Operands.RN {
        Shl64(int d, int n) { super(d, n); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) << n);
        }
    }

    static final class Shl32 extends Operands.RN {
        Shl32(int d, int n) { super(d, n); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, (Raw.get32(r + d) << n) & 0xffff_ffffL);
        }
    }

    static final class Shr64 extends Operands.RN {
        Shr64(int d, int n) { super(d, n); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) >>> n);
        }
    }

    static final class Shr32 extends Operands.RN {
        Shr32(int d, int n) { super(d, n); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.getU32(r + d) >>> n);
        }
    }

    static final class Sar64 extends Operands.RN {
        Sar64(int d, int n) { super(d, n); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) >> n);
        }
    }

    static final class Sar32 extends Operands.RN {
        Sar32(int d, int n) { super(d, n); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, (Raw.get32(r + d) >> n) & 0xffff_ffffL);
        }
    }

    static final class Rol64 extends Operands.RN {
        Rol64(int d, int n) { super(d, n); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Long.rotateLeft(Raw.get64(r + d), n));
        }
    }

    static final class Rol32 extends Operands.RN {
        Rol32(int d, int n) { super(d, n); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Integer.rotateLeft(Raw.get32(r + d), n) & 0xffff_ffffL);
        }
    }

    static final class Ror64 extends Operands.RN {
        Ror64(int d, int n) { super(d, n); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Long.rotateRight(Raw.get64(r + d), n));
        }
    }

    static final class Ror32 extends Operands.RN {
        Ror32(int d, int n) { super(d, n); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Integer.rotateRight(Raw.get32(r + d), n) & 0xffff_ffffL);
        }
    }

    /** @param n masked count; 0 clears the upper half of a 32-bit register all the same */
    static Op bind(Opcode op, int size, int d, int n) {
        boolean q = size == 8;
        return switch (op) {
            case SHL -> q ? new Shl64(d, n) : new Shl32(d, n);
            case SHR -> q ? new Shr64(d, n) : new Shr32(d, n);
            case SAR -> q ? new Sar64(d, n) : new Sar32(d, n);
            case ROL -> q ? new Rol64(d, n) : new Rol32(d, n);
            default -> q ? new Ror64(d, n) : new Ror32(d, n);
        };
    }
}
