package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Opcode;
import xen.kernel.api.hw.Raw;

/**
 * Hot 32-bit arithmetic on registers: register with register (RR) and register with immediate (RI).
 */
final class AluRegister32 {
    private AluRegister32() {}

    static final class AddRR extends Operands.RR {
        AddRR(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d), b = Raw.get32(r + s), x = a + b;
            Raw.put64(r + d, x & 0xffff_ffffL);
            FlagRules.set(c, FlagRules.ADD, x, a, b);
        }
    }

    static final class AddRI extends Operands.RI {
        AddRI(int d, int b) { super(d, b); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d), x = a + b;
            Raw.put64(r + d, x & 0xffff_ffffL);
            FlagRules.set(c, FlagRules.ADD, x, a, b);
        }
    }

    static final class OrRR extends Operands.RR {
        OrRR(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d), b = Raw.get32(r + s), x = a | b;
            Raw.put64(r + d, x & 0xffff_ffffL);
            FlagRules.logic(c, x);
        }
    }

    static final class OrRI extends Operands.RI {
        OrRI(int d, int b) { super(d, b); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d), x = a | b;
            Raw.put64(r + d, x & 0xffff_ffffL);
            FlagRules.logic(c, x);
        }
    }

    static final class AndRR extends Operands.RR {
        AndRR(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d), b = Raw.get32(r + s), x = a & b;
            Raw.put64(r + d, x & 0xffff_ffffL);
            FlagRules.logic(c, x);
        }
    }

    static final class AndRI extends Operands.RI {
        AndRI(int d, int b) { super(d, b); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d), x = a & b;
            Raw.put64(r + d, x & 0xffff_ffffL);
            FlagRules.logic(c, x);
        }
    }

    static final class SubRR extends Operands.RR {
        SubRR(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d), b = Raw.get32(r + s), x = a - b;
            Raw.put64(r + d, x & 0xffff_ffffL);
            FlagRules.set(c, FlagRules.SUB, x, a, b);
        }
    }

    static final class SubRI extends Operands.RI {
        SubRI(int d, int b) { super(d, b); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d), x = a - b;
            Raw.put64(r + d, x & 0xffff_ffffL);
            FlagRules.set(c, FlagRules.SUB, x, a, b);
        }
    }

    static final class XorRR extends Operands.RR {
        XorRR(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d), b = Raw.get32(r + s), x = a ^ b;
            Raw.put64(r + d, x & 0xffff_ffffL);
            FlagRules.logic(c, x);
        }
    }

    static final class XorRI extends Operands.RI {
        XorRI(int d, int b) { super(d, b); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d), x = a ^ b;
            Raw.put64(r + d, x & 0xffff_ffffL);
            FlagRules.logic(c, x);
        }
    }

    static final class CmpRR extends Operands.RR {
        CmpRR(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d), b = Raw.get32(r + s), x = a - b;
            FlagRules.set(c, FlagRules.SUB, x, a, b);
        }
    }

    static final class CmpRI extends Operands.RI {
        CmpRI(int d, int b) { super(d, b); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d), x = a - b;
            FlagRules.set(c, FlagRules.SUB, x, a, b);
        }
    }

    static final class TestRR extends Operands.RR {
        TestRR(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d), b = Raw.get32(r + s), x = a & b;
            FlagRules.logic(c, x);
        }
    }

    static final class TestRI extends Operands.RI {
        TestRI(int d, int b) { super(d, b); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d), x = a & b;
            FlagRules.logic(c, x);
        }
    }

    static Op rr(Opcode op, int d, int s) {
        return switch (op) {
            case ADD -> new AddRR(d, s);
            case OR -> new OrRR(d, s);
            case AND -> new AndRR(d, s);
            case SUB -> new SubRR(d, s);
            case XOR -> new XorRR(d, s);
            case CMP -> new CmpRR(d, s);
            case TEST -> new TestRR(d, s);
            default -> null;
        };
    }

    static Op ri(Opcode op, int d, int b) {
        return switch (op) {
            case ADD -> new AddRI(d, b);
            case OR -> new OrRI(d, b);
            case AND -> new AndRI(d, b);
            case SUB -> new SubRI(d, b);
            case XOR -> new XorRI(d, b);
            case CMP -> new CmpRI(d, b);
            case TEST -> new TestRI(d, b);
            default -> null;
        };
    }
}
