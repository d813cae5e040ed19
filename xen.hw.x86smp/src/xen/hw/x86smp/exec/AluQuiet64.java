package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Opcode;
import xen.kernel.api.hw.Raw;

/**
 * Hot 64-bit arithmetic on registers whose flags nobody reads: the next writer of all flags comes first.
 */
final class AluQuiet64 {
    private AluQuiet64() {}

    static final class AddRR extends Operands.RR {
        AddRR(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) + Raw.get64(r + s));
        }
    }

    static final class AddRI extends Operands.RI {
        AddRI(int d, int b) { super(d, b); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) + b);
        }
    }

    static final class OrRR extends Operands.RR {
        OrRR(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) | Raw.get64(r + s));
        }
    }

    static final class OrRI extends Operands.RI {
        OrRI(int d, int b) { super(d, b); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) | b);
        }
    }

    static final class AndRR extends Operands.RR {
        AndRR(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) & Raw.get64(r + s));
        }
    }

    static final class AndRI extends Operands.RI {
        AndRI(int d, int b) { super(d, b); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) & b);
        }
    }

    static final class SubRR extends Operands.RR {
        SubRR(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) - Raw.get64(r + s));
        }
    }

    static final class SubRI extends Operands.RI {
        SubRI(int d, int b) { super(d, b); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) - b);
        }
    }

    static final class XorRR extends Operands.RR {
        XorRR(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) ^ Raw.get64(r + s));
        }
    }

    static final class XorRI extends Operands.RI {
        XorRI(int d, int b) { super(d, b); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) ^ b);
        }
    }

    static Op rr(Opcode op, int d, int s) {
        return switch (op) {
            case ADD -> new AddRR(d, s);
            case OR -> new OrRR(d, s);
            case AND -> new AndRR(d, s);
            case SUB -> new SubRR(d, s);
            case XOR -> new XorRR(d, s);
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
            default -> null;
        };
    }
}
