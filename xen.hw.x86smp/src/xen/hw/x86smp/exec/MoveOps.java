package xen.hw.x86smp.exec;

import xen.kernel.api.hw.Raw;

/** Hot moves: registers, immediates, loads and stores, LEA, zero and sign extension. */
final class MoveOps {
    private MoveOps() {}

    abstract static class RegReg extends Op {
        final int d, s;

        RegReg(int d, int s) {
            this.d = d;
            this.s = s;
        }
    }

    abstract static class RegMem extends Op {
        final int d;
        final Ea ea;

        RegMem(int d, Ea ea) {
            this.d = d;
            this.ea = ea;
        }
    }

    /** Any immediate to a 32- or 64-bit register: the whole register is known when the instruction is bound. */
    static final class Constant extends Op {
        private final int d;
        private final long value;

        Constant(int d, long value) {
            this.d = d;
            this.value = value;
        }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, value); }
    }

    static final class StoreImm extends Op {
        private final Ea ea;
        private final int size;
        private final long value;

        StoreImm(Ea ea, int size, long value) {
            this.ea = ea;
            this.size = size;
            this.value = value;
        }

        @Override public void exec(InterpreterCpu c) {
            long va = ea.of(c);
            if (size == 8) {
                c.store64(va, value);
            } else if (size == 4) {
                c.store32(va, (int) value);
            } else if (size == 1) {
                c.store8(va, (int) value);
            } else {
                c.store16(va, (int) value);
            }
        }
    }

    static final class Lea extends RegMem {
        Lea(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, ea.offset(c)); }
    }

    static final class Lea32 extends RegMem {
        Lea32(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, ea.offset(c) & 0xffff_ffffL); }
    }

    /** LEA without index: base and displacement. */
    static final class LeaDisp extends Op {
        private final int d, base;
        private final long disp;

        LeaDisp(int d, int base, long disp) {
            this.d = d;
            this.base = base;
            this.disp = disp;
        }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, Raw.get64(c.regs + base) + disp); }
    }

    static final class Mov64 extends RegReg {
        Mov64(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, Raw.get64(c.regs + s)); }
    }

    static final class Mov32 extends RegReg {
        Mov32(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, Raw.getU32(c.regs + s)); }
    }

    static final class Mov16 extends RegReg {
        Mov16(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put16(c.regs + d, Raw.get16(c.regs + s)); }
    }

    static final class Mov8 extends RegReg {
        Mov8(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put8(c.regs + d, Raw.get8(c.regs + s)); }
    }

    static final class Zero8 extends RegReg {
        Zero8(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, Raw.get8(c.regs + s)); }
    }

    static final class Zero16 extends RegReg {
        Zero16(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, Raw.get16(c.regs + s)); }
    }

    static final class Sign8To64 extends RegReg {
        Sign8To64(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, (byte) Raw.get8(c.regs + s)); }
    }

    static final class Sign16To64 extends RegReg {
        Sign16To64(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, (short) Raw.get16(c.regs + s)); }
    }

    static final class Sign32To64 extends RegReg {
        Sign32To64(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, Raw.get32(c.regs + s)); }
    }

    static final class Sign8To32 extends RegReg {
        Sign8To32(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, (byte) Raw.get8(c.regs + s) & 0xffff_ffffL); }
    }

    static final class Sign16To32 extends RegReg {
        Sign16To32(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, (short) Raw.get16(c.regs + s) & 0xffff_ffffL); }
    }

    static final class Load64 extends RegMem {
        Load64(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, c.load64(ea.of(c))); }
    }

    static final class Load32 extends RegMem {
        Load32(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, c.load32(ea.of(c))); }
    }

    static final class Load16 extends RegMem {
        Load16(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put16(c.regs + d, c.load16(ea.of(c))); }
    }

    static final class Load8 extends RegMem {
        Load8(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put8(c.regs + d, c.load8(ea.of(c))); }
    }

    static final class LoadZero8 extends RegMem {
        LoadZero8(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, c.load8(ea.of(c))); }
    }

    static final class LoadZero16 extends RegMem {
        LoadZero16(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, c.load16(ea.of(c))); }
    }

    static final class LoadSign8To64 extends RegMem {
        LoadSign8To64(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, (byte) c.load8(ea.of(c))); }
    }

    static final class LoadSign16To64 extends RegMem {
        LoadSign16To64(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, (short) c.load16(ea.of(c))); }
    }

    static final class LoadSign32To64 extends RegMem {
        LoadSign32To64(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, (int) c.load32(ea.of(c))); }
    }

    static final class LoadSign8To32 extends RegMem {
        LoadSign8To32(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, (byte) c.load8(ea.of(c)) & 0xffff_ffffL); }
    }

    static final class LoadSign16To32 extends RegMem {
        LoadSign16To32(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, (short) c.load16(ea.of(c)) & 0xffff_ffffL); }
    }

    static final class Store64 extends RegMem {
        Store64(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { c.store64(ea.of(c), Raw.get64(c.regs + d)); }
    }

    static final class Store32 extends RegMem {
        Store32(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { c.store32(ea.of(c), Raw.get32(c.regs + d)); }
    }

    static final class Store16 extends RegMem {
        Store16(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { c.store16(ea.of(c), Raw.get16(c.regs + d)); }
    }

    static final class Store8 extends RegMem {
        Store8(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) { c.store8(ea.of(c), Raw.get8(c.regs + d)); }
    }

    /** A memory operand that is base plus displacement without a segment base: most of them in 64-bit code. */
    abstract static class Plain extends Op {
        final int d, base;
        final long disp;

        Plain(int d, Ea ea) {
            this.d = d;
            base = ea.base;
            disp = ea.disp;
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
