package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Opcode;
import xen.kernel.api.hw.Raw;

/**
 * Hot 64-bit arithmetic on registers whose flags nobody reads: the next writer of all flags comes first.
 */
final class AluQuiet64 {
    private AluQuiet64() {}

    abstract static class RR extends Op {
        final int d, s;

        RR(int d, int s) {
            this.d = d;
            this.s = s;
        }
    }

    abstract static class RI extends Op {
        final int d;
        final long b;

        RI(int d, long b) {
            this.d = d;
            this.b = b;
        }
    }

    static final class AddRR extends RR {
        AddRR(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) + Raw.get64(r + s));
        }
    }

    static final class AddRI extends RI {
        AddRI(int d, long b) { super(d, b); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) + b);
        }
    }

    static final class OrRR extends RR {
        OrRR(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) | Raw.get64(r + s));
        }
    }

    static final class OrRI extends RI {
        OrRI(int d, long b) { super(d, b); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) | b);
        }
    }

    static final class AndRR extends RR {
        AndRR(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) & Raw.get64(r + s));
        }
    }

    static final class AndRI extends RI {
        AndRI(int d, long b) { super(d, b); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) & b);
        }
    }

    static final class SubRR extends RR {
        SubRR(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) - Raw.get64(r + s));
        }
    }

    static final class SubRI extends RI {
        SubRI(int d, long b) { super(d, b); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) - b);
        }
    }

    static final class XorRR extends RR {
        XorRR(int d, int s) { super(d, s); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put64(r + d, Raw.get64(r + d) ^ Raw.get64(r + s));
        }
    }

    static final class XorRI extends RI {
        XorRI(int d, long b) { super(d, b); }

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

    static Op ri(Opcode op, int d, long b) {
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
