package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.kernel.api.hw.Raw;

/** CMP and TEST with memory or bytes, fused with the conditional jump behind: the forms that compiled code is full of. */
final class FusedMemory {
    private FusedMemory() {}

    /** A memory operand and a jump: the fields of {@link Operands.M}. */
    abstract static class Memory extends FusedBinder.Pair {
        private final short base, index;
        private final byte seg, scale, how;
        private final int disp;

        Memory(int table, int target, int next, Ea ea) {
            super(table, target, next);
            base = ea.base;
            index = ea.index;
            seg = (byte) (ea.seg >> 3);
            scale = ea.scale;
            how = ea.how;
            disp = (int) ea.disp;
        }

        /** Linear address. */
        final long va(InterpreterCpu c) {
            long r = c.regs, x = Raw.get64(r + base) + (Raw.get64(r + index) << scale) + disp;
            return how == 0 ? x : Ea.linear(c, x, how, seg << 3);
        }
    }

    abstract static class WithRegister extends Memory {
        final byte d;

        WithRegister(int table, int target, int next, int d, Ea ea) {
            super(table, target, next, ea);
            this.d = (byte) d;
        }
    }

    abstract static class WithImmediate extends Memory {
        final int b;

        WithImmediate(int table, int target, int next, Ea ea, int b) {
            super(table, target, next, ea);
            this.b = b;
        }
    }

    abstract static class Bytes extends FusedBinder.Pair {
        final byte d, s;

        Bytes(int table, int target, int next, int d, int s) {
            super(table, target, next);
            this.d = (byte) d;
            this.s = (byte) s;
        }
    }

    static final class CmpRM64 extends WithRegister {
        CmpRM64(int table, int target, int next, int d, Ea ea) { super(table, target, next, d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long b = c.load64(va(c)), a = Raw.get64(c.regs + d);
            compare(c, a, b, a - b);
        }
    }

    static final class CmpMR64 extends WithRegister {
        CmpMR64(int table, int target, int next, int d, Ea ea) { super(table, target, next, d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long a = c.load64(va(c)), b = Raw.get64(c.regs + d);
            compare(c, a, b, a - b);
        }
    }

    static final class CmpMI64 extends WithImmediate {
        CmpMI64(int table, int target, int next, Ea ea, int b) { super(table, target, next, ea, b); }

        @Override public void exec(InterpreterCpu c) {
            long a = c.load64(va(c));
            compare(c, a, b, a - b);
        }
    }

    static final class TestMI64 extends WithImmediate {
        TestMI64(int table, int target, int next, Ea ea, int b) { super(table, target, next, ea, b); }

        @Override public void exec(InterpreterCpu c) {
            test(c, c.load64(va(c)) & b);
        }
    }

    static final class CmpRM32 extends WithRegister {
        CmpRM32(int table, int target, int next, int d, Ea ea) { super(table, target, next, d, ea); }

        @Override public void exec(InterpreterCpu c) {
            int b = (int) c.load32(va(c)), a = Raw.get32(c.regs + d);
            compare(c, a, b, a - b);
        }
    }

    static final class CmpMR32 extends WithRegister {
        CmpMR32(int table, int target, int next, int d, Ea ea) { super(table, target, next, d, ea); }

        @Override public void exec(InterpreterCpu c) {
            int a = (int) c.load32(va(c)), b = Raw.get32(c.regs + d);
            compare(c, a, b, a - b);
        }
    }

    static final class CmpMI32 extends WithImmediate {
        CmpMI32(int table, int target, int next, Ea ea, int b) { super(table, target, next, ea, b); }

        @Override public void exec(InterpreterCpu c) {
            long a = (int) c.load32(va(c));
            compare(c, a, b, (int) (a - b));
        }
    }

    static final class TestMI32 extends WithImmediate {
        TestMI32(int table, int target, int next, Ea ea, int b) { super(table, target, next, ea, b); }

        @Override public void exec(InterpreterCpu c) {
            test(c, (int) c.load32(va(c)) & b);
        }
    }

    static final class CmpRM8 extends WithRegister {
        CmpRM8(int table, int target, int next, int d, Ea ea) { super(table, target, next, d, ea); }

        @Override public void exec(InterpreterCpu c) {
            byte b = (byte) c.load8(va(c)), a = (byte) Raw.get8(c.regs + d);
            compare(c, a, b, (byte) (a - b));
        }
    }

    static final class CmpMR8 extends WithRegister {
        CmpMR8(int table, int target, int next, int d, Ea ea) { super(table, target, next, d, ea); }

        @Override public void exec(InterpreterCpu c) {
            byte a = (byte) c.load8(va(c)), b = (byte) Raw.get8(c.regs + d);
            compare(c, a, b, (byte) (a - b));
        }
    }

    static final class CmpMI8 extends WithImmediate {
        CmpMI8(int table, int target, int next, Ea ea, int b) { super(table, target, next, ea, b); }

        @Override public void exec(InterpreterCpu c) {
            long a = (byte) c.load8(va(c));
            compare(c, a, b, (byte) (a - b));
        }
    }

    static final class TestMI8 extends WithImmediate {
        TestMI8(int table, int target, int next, Ea ea, int b) { super(table, target, next, ea, b); }

        @Override public void exec(InterpreterCpu c) {
            test(c, (byte) c.load8(va(c)) & b);
        }
    }

    static final class CmpRI8 extends RegisterByte {
        CmpRI8(int table, int target, int next, int d, int b) { super(table, target, next, d, b); }

        @Override public void exec(InterpreterCpu c) {
            long a = (byte) Raw.get8(c.regs + d);
            compare(c, a, b, (byte) (a - b));
        }
    }

    static final class TestRI8 extends RegisterByte {
        TestRI8(int table, int target, int next, int d, int b) { super(table, target, next, d, b); }

        @Override public void exec(InterpreterCpu c) {
            test(c, (byte) Raw.get8(c.regs + d) & b);
        }
    }

    static final class CmpRR8 extends Bytes {
        CmpRR8(int table, int target, int next, int d, int s) { super(table, target, next, d, s); }

        @Override public void exec(InterpreterCpu c) {
            byte a = (byte) Raw.get8(c.regs + d), b = (byte) Raw.get8(c.regs + s);
            compare(c, a, b, (byte) (a - b));
        }
    }

    static final class TestRR8 extends Bytes {
        TestRR8(int table, int target, int next, int d, int s) { super(table, target, next, d, s); }

        @Override public void exec(InterpreterCpu c) {
            test(c, (byte) (Raw.get8(c.regs + d) & Raw.get8(c.regs + s)));
        }
    }

    abstract static class RegisterByte extends FusedBinder.Pair {
        final byte d;
        final int b;

        RegisterByte(int table, int target, int next, int d, int b) {
            super(table, target, next);
            this.d = (byte) d;
            this.b = b;
        }
    }

    /** Null if the form has no handler here. */
    static Op bind(Binding f, int table, int to, int next) {
        Insn i = f.i;
        boolean cmp = i.op == Opcode.CMP;
        boolean r0 = i.k0 == Insn.GPR || i.k0 == Insn.GPR_HIGH, r1 = i.k1 == Insn.GPR || i.k1 == Insn.GPR_HIGH;
        int imm = (int) Loc.signed(i.size, i.imm);
        if (i.size == 1 && r0 && f.imm(1)) {
            return cmp ? new CmpRI8(table, to, next, f.reg(0), imm) : new TestRI8(table, to, next, f.reg(0), imm);
        }
        if (i.size == 1 && r0 && r1) {
            return cmp ? new CmpRR8(table, to, next, f.reg(0), f.reg(1)) : new TestRR8(table, to, next, f.reg(0), f.reg(1));
        }
        if (i.size == 2 || i.mem < 0 || !f.near()) {
            return null;
        }
        Ea ea = f.ea();
        if (f.imm(1)) {
            return switch (i.size) {
                case 8 -> cmp ? new CmpMI64(table, to, next, ea, imm) : new TestMI64(table, to, next, ea, imm);
                case 4 -> cmp ? new CmpMI32(table, to, next, ea, imm) : new TestMI32(table, to, next, ea, imm);
                default -> cmp ? new CmpMI8(table, to, next, ea, imm) : new TestMI8(table, to, next, ea, imm);
            };
        }
        if (!cmp) {
            return null;
        }
        int d = f.reg(r0 ? 0 : 1);
        return switch (i.size) {
            case 8 -> r0 ? new CmpRM64(table, to, next, d, ea) : new CmpMR64(table, to, next, d, ea);
            case 4 -> r0 ? new CmpRM32(table, to, next, d, ea) : new CmpMR32(table, to, next, d, ea);
            default -> r0 ? new CmpRM8(table, to, next, d, ea) : new CmpMR8(table, to, next, d, ea);
        };
    }
}
