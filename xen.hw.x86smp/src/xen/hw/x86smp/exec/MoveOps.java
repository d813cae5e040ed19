package xen.hw.x86smp.exec;

import xen.kernel.api.hw.Raw;

/** Hot moves: registers, immediates, loads and stores, LEA, zero and sign extension. */
final class MoveOps {
    private MoveOps() {}

    /** Any immediate to a 32- or 64-bit register: the whole register is known when the instruction is bound. */
    static final class Constant extends Op {
        private final byte d;
        private final long value;

        Constant(int d, long value) {
            this.d = (byte) d;
            this.value = value;
        }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, value); }
    }

    /** Up to 8 bytes from at most 32 that are extended. */
    static final class StoreImm extends Operands.MI {
        private final byte size;

        StoreImm(Ea ea, int size, int value) {
            super(ea, value);
            this.size = (byte) size;
        }

        @Override public void exec(InterpreterCpu c) {
            long va = va(c);
            if (size == 8) {
                c.store64(va, b);
            } else if (size == 4) {
                c.store32(va, b);
            } else if (size == 1) {
                c.store8(va, b);
            } else {
                c.store16(va, b);
            }
        }
    }

    static final class Lea extends Operands.RM {
        Lea(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, offset(c)); }
    }

    static final class Lea32 extends Operands.RM {
        Lea32(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, offset(c) & 0xffff_ffffL); }
    }

    /** LEA without index: base and displacement. */
    static final class LeaDisp extends Op {
        private final byte d;
        private final short base;
        private final int disp;

        LeaDisp(int d, Ea ea) {
            this.d = (byte) d;
            base = ea.base;
            disp = (int) ea.disp;
        }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, Raw.get64(c.regs + base) + disp); }
    }

    static final class Mov64 extends Operands.RR {
        Mov64(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, Raw.get64(c.regs + s)); }
    }

    static final class Mov32 extends Operands.RR {
        Mov32(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, Raw.getU32(c.regs + s)); }
    }

    static final class Mov16 extends Operands.RR {
        Mov16(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put16(c.regs + d, Raw.get16(c.regs + s)); }
    }

    static final class Mov8 extends Operands.RR {
        Mov8(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put8(c.regs + d, Raw.get8(c.regs + s)); }
    }

    static final class Zero8 extends Operands.RR {
        Zero8(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, Raw.get8(c.regs + s)); }
    }

    static final class Zero16 extends Operands.RR {
        Zero16(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, Raw.get16(c.regs + s)); }
    }

    static final class Sign8To64 extends Operands.RR {
        Sign8To64(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, (byte) Raw.get8(c.regs + s)); }
    }

    static final class Sign16To64 extends Operands.RR {
        Sign16To64(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, (short) Raw.get16(c.regs + s)); }
    }

    static final class Sign32To64 extends Operands.RR {
        Sign32To64(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, Raw.get32(c.regs + s)); }
    }

    static final class Sign8To32 extends Operands.RR {
        Sign8To32(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, (byte) Raw.get8(c.regs + s) & 0xffff_ffffL); }
    }

    static final class Sign16To32 extends Operands.RR {
        Sign16To32(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, (short) Raw.get16(c.regs + s) & 0xffff_ffffL); }
    }

    static final class Load64 extends Operands.RM {
        Load64(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, c.load64(va(c))); }
    }

    static final class Load32 extends Operands.RM {
        Load32(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, c.load32(va(c))); }
    }

    static final class Load16 extends Operands.RM {
        Load16(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put16(c.regs + d, c.load16(va(c))); }
    }

    static final class Load8 extends Operands.RM {
        Load8(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put8(c.regs + d, c.load8(va(c))); }
    }

    static final class LoadZero8 extends Operands.RM {
        LoadZero8(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, c.load8(va(c))); }
    }

    static final class LoadZero16 extends Operands.RM {
        LoadZero16(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, c.load16(va(c))); }
    }

    static final class LoadSign8To64 extends Operands.RM {
        LoadSign8To64(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, (byte) c.load8(va(c))); }
    }

    static final class LoadSign16To64 extends Operands.RM {
        LoadSign16To64(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, (short) c.load16(va(c))); }
    }

    static final class LoadSign32To64 extends Operands.RM {
        LoadSign32To64(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, (int) c.load32(va(c))); }
    }

    static final class LoadSign8To32 extends Operands.RM {
        LoadSign8To32(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, (byte) c.load8(va(c)) & 0xffff_ffffL); }
    }

    static final class LoadSign16To32 extends Operands.RM {
        LoadSign16To32(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, (short) c.load16(va(c)) & 0xffff_ffffL); }
    }

    static final class Store64 extends Operands.RM {
        Store64(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { c.store64(va(c), Raw.get64(c.regs + d)); }
    }

    static final class Store32 extends Operands.RM {
        Store32(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { c.store32(va(c), Raw.get32(c.regs + d)); }
    }

    static final class Store16 extends Operands.RM {
        Store16(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { c.store16(va(c), Raw.get16(c.regs + d)); }
    }

    static final class Store8 extends Operands.RM {
        Store8(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { c.store8(va(c), Raw.get8(c.regs + d)); }
    }

    /** A memory operand that is base plus displacement without a segment base: most of them in 64-bit code. */
    abstract static class Plain extends Op {
        final byte d;
        final short base;
        final int disp;

        Plain(int d, Ea ea) {
            this.d = (byte) d;
            base = ea.base;
            disp = (int) ea.disp;
        }

        final long va(InterpreterCpu c) { return Raw.get64(c.regs + base) + disp; }
    }

    static final class PlainLoad64 extends Plain {
        PlainLoad64(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, c.load64(va(c))); }
    }

    static final class PlainLoad32 extends Plain {
        PlainLoad32(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, c.load32(va(c))); }
    }

    static final class PlainLoadZero8 extends Plain {
        PlainLoadZero8(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, c.load8(va(c))); }
    }

    static final class PlainStore64 extends Plain {
        PlainStore64(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { c.store64(va(c), Raw.get64(c.regs + d)); }
    }

    static final class PlainStore32 extends Plain {
        PlainStore32(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { c.store32(va(c), Raw.get32(c.regs + d)); }
    }

    static final class PlainStore8 extends Plain {
        PlainStore8(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { c.store8(va(c), Raw.get8(c.regs + d)); }
    }

    static Op load64(int d, Ea ea) { return ea.plain() ? new PlainLoad64(d, ea) : new Load64(d, ea); }

    static Op load32(int d, Ea ea) { return ea.plain() ? new PlainLoad32(d, ea) : new Load32(d, ea); }

    static Op loadZero8(int d, Ea ea) { return ea.plain() ? new PlainLoadZero8(d, ea) : new LoadZero8(d, ea); }

    static Op store64(int s, Ea ea) { return ea.plain() ? new PlainStore64(s, ea) : new Store64(s, ea); }

    static Op store32(int s, Ea ea) { return ea.plain() ? new PlainStore32(s, ea) : new Store32(s, ea); }

    static Op store8(int s, Ea ea) { return ea.plain() ? new PlainStore8(s, ea) : new Store8(s, ea); }
}
