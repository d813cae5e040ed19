package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Opcode;
import xen.kernel.api.hw.Raw;

/**
 * Hot 32-bit arithmetic with memory: register with memory (RM), memory with register (MR) and immediate (MI).
 */
final class AluMemory32 {
    private AluMemory32() {}

    static final class AddRM extends Operands.RM {
        AddRM(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int b = (int) c.load32(va(c)), a = Raw.get32(r + d), x = a + b;
            Raw.put64(r + d, x & 0xffff_ffffL);
            FlagRules.set(c, FlagRules.ADD, x, a, b);
        }
    }

    static final class AddMR extends Operands.RM {
        AddMR(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(va(c), 4);
            int a = Raw.get32(h), b = Raw.get32(c.regs + d), x = a + b;
            Raw.put32(h, x);
            FlagRules.set(c, FlagRules.ADD, x, a, b);
        }
    }

    static final class AddMI extends Operands.MI {
        AddMI(Ea ea, int b) { super(ea, b); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(va(c), 4);
            int a = Raw.get32(h), x = a + b;
            Raw.put32(h, x);
            FlagRules.set(c, FlagRules.ADD, x, a, b);
        }
    }

    static final class OrRM extends Operands.RM {
        OrRM(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int b = (int) c.load32(va(c)), a = Raw.get32(r + d), x = a | b;
            Raw.put64(r + d, x & 0xffff_ffffL);
            FlagRules.logic(c, x);
        }
    }

    static final class OrMR extends Operands.RM {
        OrMR(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(va(c), 4);
            int a = Raw.get32(h), b = Raw.get32(c.regs + d), x = a | b;
            Raw.put32(h, x);
            FlagRules.logic(c, x);
        }
    }

    static final class OrMI extends Operands.MI {
        OrMI(Ea ea, int b) { super(ea, b); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(va(c), 4);
            int a = Raw.get32(h), x = a | b;
            Raw.put32(h, x);
            FlagRules.logic(c, x);
        }
    }

    static final class AndRM extends Operands.RM {
        AndRM(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int b = (int) c.load32(va(c)), a = Raw.get32(r + d), x = a & b;
            Raw.put64(r + d, x & 0xffff_ffffL);
            FlagRules.logic(c, x);
        }
    }

    static final class AndMR extends Operands.RM {
        AndMR(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(va(c), 4);
            int a = Raw.get32(h), b = Raw.get32(c.regs + d), x = a & b;
            Raw.put32(h, x);
            FlagRules.logic(c, x);
        }
    }

    static final class AndMI extends Operands.MI {
        AndMI(Ea ea, int b) { super(ea, b); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(va(c), 4);
            int a = Raw.get32(h), x = a & b;
            Raw.put32(h, x);
            FlagRules.logic(c, x);
        }
    }

    static final class SubRM extends Operands.RM {
        SubRM(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int b = (int) c.load32(va(c)), a = Raw.get32(r + d), x = a - b;
            Raw.put64(r + d, x & 0xffff_ffffL);
            FlagRules.set(c, FlagRules.SUB, x, a, b);
        }
    }

    static final class SubMR extends Operands.RM {
        SubMR(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(va(c), 4);
            int a = Raw.get32(h), b = Raw.get32(c.regs + d), x = a - b;
            Raw.put32(h, x);
            FlagRules.set(c, FlagRules.SUB, x, a, b);
        }
    }

    static final class SubMI extends Operands.MI {
        SubMI(Ea ea, int b) { super(ea, b); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(va(c), 4);
            int a = Raw.get32(h), x = a - b;
            Raw.put32(h, x);
            FlagRules.set(c, FlagRules.SUB, x, a, b);
        }
    }

    static final class XorRM extends Operands.RM {
        XorRM(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int b = (int) c.load32(va(c)), a = Raw.get32(r + d), x = a ^ b;
            Raw.put64(r + d, x & 0xffff_ffffL);
            FlagRules.logic(c, x);
        }
    }

    static final class XorMR extends Operands.RM {
        XorMR(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(va(c), 4);
            int a = Raw.get32(h), b = Raw.get32(c.regs + d), x = a ^ b;
            Raw.put32(h, x);
            FlagRules.logic(c, x);
        }
    }

    static final class XorMI extends Operands.MI {
        XorMI(Ea ea, int b) { super(ea, b); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(va(c), 4);
            int a = Raw.get32(h), x = a ^ b;
            Raw.put32(h, x);
            FlagRules.logic(c, x);
        }
    }

    static final class CmpRM extends Operands.RM {
        CmpRM(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int b = (int) c.load32(va(c)), a = Raw.get32(r + d), x = a - b;
            FlagRules.set(c, FlagRules.SUB, x, a, b);
        }
    }

    static final class CmpMR extends Operands.RM {
        CmpMR(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            int a = (int) c.load32(va(c)), b = Raw.get32(c.regs + d), x = a - b;
            FlagRules.set(c, FlagRules.SUB, x, a, b);
        }
    }

    static final class CmpMI extends Operands.MI {
        CmpMI(Ea ea, int b) { super(ea, b); }

        @Override public void exec(InterpreterCpu c) {
            int a = (int) c.load32(va(c)), x = a - b;
            FlagRules.set(c, FlagRules.SUB, x, a, b);
        }
    }

    static final class TestMR extends Operands.RM {
        TestMR(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            int a = (int) c.load32(va(c)), b = Raw.get32(c.regs + d), x = a & b;
            FlagRules.logic(c, x);
        }
    }

    static final class TestMI extends Operands.MI {
        TestMI(Ea ea, int b) { super(ea, b); }

        @Override public void exec(InterpreterCpu c) {
            int a = (int) c.load32(va(c)), x = a & b;
            FlagRules.logic(c, x);
        }
    }

    static Op rm(Opcode op, int d, Ea ea) {
        return switch (op) {
            case ADD -> new AddRM(d, ea);
            case OR -> new OrRM(d, ea);
            case AND -> new AndRM(d, ea);
            case SUB -> new SubRM(d, ea);
            case XOR -> new XorRM(d, ea);
            case CMP -> new CmpRM(d, ea);
            default -> null;
        };
    }

    static Op mr(Opcode op, int d, Ea ea) {
        return switch (op) {
            case ADD -> new AddMR(d, ea);
            case OR -> new OrMR(d, ea);
            case AND -> new AndMR(d, ea);
            case SUB -> new SubMR(d, ea);
            case XOR -> new XorMR(d, ea);
            case CMP -> new CmpMR(d, ea);
            case TEST -> new TestMR(d, ea);
            default -> null;
        };
    }

    static Op mi(Opcode op, Ea ea, int b) {
        return switch (op) {
            case ADD -> new AddMI(ea, b);
            case OR -> new OrMI(ea, b);
            case AND -> new AndMI(ea, b);
            case SUB -> new SubMI(ea, b);
            case XOR -> new XorMI(ea, b);
            case CMP -> new CmpMI(ea, b);
            case TEST -> new TestMI(ea, b);
            default -> null;
        };
    }
}
