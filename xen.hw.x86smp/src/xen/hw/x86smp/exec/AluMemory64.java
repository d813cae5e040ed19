package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Opcode;
import xen.kernel.api.hw.Raw;

/**
 * Hot 64-bit arithmetic with memory: register with memory (RM), memory with register (MR) and immediate (MI).
 */
final class AluMemory64 {
    private AluMemory64() {}

    /** Register and memory, in either direction. */
    abstract static class WithRegister extends Op {
        final int d;
        final Ea ea;

        WithRegister(int d, Ea ea) {
            this.d = d;
            this.ea = ea;
        }
    }

    abstract static class WithImmediate extends Op {
        final Ea ea;
        final long b;

        WithImmediate(Ea ea, long b) {
            this.ea = ea;
            this.b = b;
        }
    }

    static final class AddRM extends WithRegister {
        AddRM(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            long b = c.load64(ea.of(c)), a = Raw.get64(r + d), x = a + b;
            Raw.put64(r + d, x);
            FlagRules.set(c, FlagRules.ADD, x, a, b);
        }
    }

    static final class AddMR extends WithRegister {
        AddMR(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(ea.of(c), 8);
            long a = Raw.get64(h), b = Raw.get64(c.regs + d), x = a + b;
            Raw.put64(h, x);
            FlagRules.set(c, FlagRules.ADD, x, a, b);
        }
    }

    static final class AddMI extends WithImmediate {
        AddMI(Ea ea, long b) { super(ea, b); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(ea.of(c), 8);
            long a = Raw.get64(h), x = a + b;
            Raw.put64(h, x);
            FlagRules.set(c, FlagRules.ADD, x, a, b);
        }
    }

    static final class OrRM extends WithRegister {
        OrRM(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            long b = c.load64(ea.of(c)), a = Raw.get64(r + d), x = a | b;
            Raw.put64(r + d, x);
            FlagRules.logic(c, x);
        }
    }

    static final class OrMR extends WithRegister {
        OrMR(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(ea.of(c), 8);
            long a = Raw.get64(h), b = Raw.get64(c.regs + d), x = a | b;
            Raw.put64(h, x);
            FlagRules.logic(c, x);
        }
    }

    static final class OrMI extends WithImmediate {
        OrMI(Ea ea, long b) { super(ea, b); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(ea.of(c), 8);
            long a = Raw.get64(h), x = a | b;
            Raw.put64(h, x);
            FlagRules.logic(c, x);
        }
    }

    static final class AndRM extends WithRegister {
        AndRM(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            long b = c.load64(ea.of(c)), a = Raw.get64(r + d), x = a & b;
            Raw.put64(r + d, x);
            FlagRules.logic(c, x);
        }
    }

    static final class AndMR extends WithRegister {
        AndMR(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(ea.of(c), 8);
            long a = Raw.get64(h), b = Raw.get64(c.regs + d), x = a & b;
            Raw.put64(h, x);
            FlagRules.logic(c, x);
        }
    }

    static final class AndMI extends WithImmediate {
        AndMI(Ea ea, long b) { super(ea, b); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(ea.of(c), 8);
            long a = Raw.get64(h), x = a & b;
            Raw.put64(h, x);
            FlagRules.logic(c, x);
        }
    }

    static final class SubRM extends WithRegister {
        SubRM(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            long b = c.load64(ea.of(c)), a = Raw.get64(r + d), x = a - b;
            Raw.put64(r + d, x);
            FlagRules.set(c, FlagRules.SUB, x, a, b);
        }
    }

    static final class SubMR extends WithRegister {
        SubMR(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(ea.of(c), 8);
            long a = Raw.get64(h), b = Raw.get64(c.regs + d), x = a - b;
            Raw.put64(h, x);
            FlagRules.set(c, FlagRules.SUB, x, a, b);
        }
    }

    static final class SubMI extends WithImmediate {
        SubMI(Ea ea, long b) { super(ea, b); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(ea.of(c), 8);
            long a = Raw.get64(h), x = a - b;
            Raw.put64(h, x);
            FlagRules.set(c, FlagRules.SUB, x, a, b);
        }
    }

    static final class XorRM extends WithRegister {
        XorRM(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            long b = c.load64(ea.of(c)), a = Raw.get64(r + d), x = a ^ b;
            Raw.put64(r + d, x);
            FlagRules.logic(c, x);
        }
    }

    static final class XorMR extends WithRegister {
        XorMR(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(ea.of(c), 8);
            long a = Raw.get64(h), b = Raw.get64(c.regs + d), x = a ^ b;
            Raw.put64(h, x);
            FlagRules.logic(c, x);
        }
    }

    static final class XorMI extends WithImmediate {
        XorMI(Ea ea, long b) { super(ea, b); }

        @Override public void exec(InterpreterCpu c) {
            long h = c.rmw(ea.of(c), 8);
            long a = Raw.get64(h), x = a ^ b;
            Raw.put64(h, x);
            FlagRules.logic(c, x);
        }
    }

    static final class CmpRM extends WithRegister {
        CmpRM(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            long b = c.load64(ea.of(c)), a = Raw.get64(r + d), x = a - b;
            FlagRules.set(c, FlagRules.SUB, x, a, b);
        }
    }

    static final class CmpMR extends WithRegister {
        CmpMR(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long a = c.load64(ea.of(c)), b = Raw.get64(c.regs + d), x = a - b;
            FlagRules.set(c, FlagRules.SUB, x, a, b);
        }
    }

    static final class CmpMI extends WithImmediate {
        CmpMI(Ea ea, long b) { super(ea, b); }

        @Override public void exec(InterpreterCpu c) {
            long a = c.load64(ea.of(c)), x = a - b;
            FlagRules.set(c, FlagRules.SUB, x, a, b);
        }
    }

    static final class TestMR extends WithRegister {
        TestMR(int d, Ea ea) { super(d, ea); }

        @Override public void exec(InterpreterCpu c) {
            long a = c.load64(ea.of(c)), b = Raw.get64(c.regs + d), x = a & b;
            FlagRules.logic(c, x);
        }
    }

    static final class TestMI extends WithImmediate {
        TestMI(Ea ea, long b) { super(ea, b); }

        @Override public void exec(InterpreterCpu c) {
            long a = c.load64(ea.of(c)), x = a & b;
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

    static Op mi(Opcode op, Ea ea, long b) {
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
