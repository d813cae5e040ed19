package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Opcode;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.PrivilegedOp;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** What leaves the guest or asks about the machine: system calls, interrupts, privileged instructions, time stamps, descriptor-table stores. */
final class SystemOps {
    private SystemOps() {}

    /** An instruction that always raises: UD, UD2, TOO_LONG. */
    static final class Raise extends Op {
        private final int vector;

        Raise(int vector) { this.vector = vector; }

        @Override public void exec(InterpreterCpu c) { throw c.raise(vector, 0); }
    }

    /** SYSCALL: retires, the core does the rest. */
    static final class Call extends Op {
        private final int exit, next;

        Call(int exit, int next) {
            this.exit = exit;
            this.next = next;
        }

        @Override public void exec(InterpreterCpu c) {
            c.rip = BranchOps.address(c, next);
            c.leave(exit);
        }
    }

    /** INT n: the core looks into the guest's table. */
    static final class Int extends Op {
        private final int vector, length;

        Int(int vector, int length) {
            this.vector = vector;
            this.length = length;
        }

        @Override public void exec(InterpreterCpu c) {
            Raw.put32(c.regs + VcpuContext.EXIT_VECTOR, vector);
            Raw.put32(c.regs + VcpuContext.EXIT_LENGTH, length);
            throw c.intercept(Exit.SOFTWARE_INTERRUPT);
        }
    }

    /** INT3, ICEBP, INTO: traps. */
    static final class Trap extends Op {
        private final int vector, next;
        private final boolean onOverflow;

        Trap(int vector, boolean onOverflow, int next) {
            this.vector = vector;
            this.onOverflow = onOverflow;
            this.next = next;
        }

        @Override public void exec(InterpreterCpu c) {
            BranchOps.fall(c, next);
            if (!onOverflow || FlagRules.of(c)) {
                c.trap(vector);
            }
        }
    }

    /** Not executed: the core emulates or injects. INVLPG's linear address goes to EXIT_CR2. */
    static final class Privileged extends Op {
        private final PrivilegedOp op;
        private final int length, operand;
        private final Ea ea;

        Privileged(PrivilegedOp op, int length, int operand, Ea ea) {
            this.op = op;
            this.length = length;
            this.operand = operand;
            this.ea = ea;
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            Raw.put32(r + VcpuContext.EXIT_OP, op.ordinal());
            Raw.put32(r + VcpuContext.EXIT_LENGTH, length);
            Raw.put64(r + VcpuContext.EXIT_OPERAND, operand & 0xffff_ffffL);
            if (ea != null) {
                Raw.put64(r + VcpuContext.EXIT_CR2, ea.of(c));
            }
            throw c.intercept(Exit.PRIVILEGED);
        }
    }

    /** RDTSC, RDTSCP. */
    static final class Tsc extends Op {
        private final boolean aux;
        /** Instructions of the block in front of this one. */
        private byte index;

        Tsc(boolean aux) { this.aux = aux; }

        /** Before anybody else sees the op. */
        void index(int n) { index = (byte) n; }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, t = c.callbacks.tsc(c.vcpu(), c.retiredInRun(index));
            Raw.put64(r, t & 0xffff_ffffL);
            Raw.put64(r + 16, t >>> 32);
            if (aux) {
                Raw.put64(r + 8, Raw.getU32(r + VcpuContext.TSC_AUX));
            }
        }
    }

    static final class Rdpid extends Op {
        private final int d;

        Rdpid(int d) { this.d = d; }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + d, Raw.getU32(c.regs + VcpuContext.TSC_AUX)); }
    }

    static final class Xgetbv extends Op {
        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            if (Raw.get32(r + 8) != 0) {
                throw c.raise(GuestAccess.VECTOR_GP, 0);
            }
            long x = Raw.get64(r + VcpuContext.XCR0);
            Raw.put64(r, x & 0xffff_ffffL);
            Raw.put64(r + 16, x >>> 32);
        }
    }

    /** RDFSBASE, RDGSBASE. */
    static final class ReadBase extends Op {
        private final Loc d;
        private final int slot;

        ReadBase(Loc d, int slot) {
            this.d = d;
            this.slot = slot;
        }

        @Override public void exec(InterpreterCpu c) { d.put(c, Raw.get64(c.regs + slot)); }
    }

    static final class WriteBase extends Op {
        private final Loc s;
        private final int slot;

        WriteBase(Loc s, int slot) {
            this.s = s;
            this.slot = slot;
        }

        @Override public void exec(InterpreterCpu c) { Raw.put64(c.regs + slot, BranchOps.checked(c, s.getU(c))); }
    }

    /** SLDT, STR, SMSW: what a PV guest may see of them, which is nothing but a running protected-mode CPU. */
    static final class StoreWord extends Op {
        private static final long CR0 = 0x8005_0033L;
        private final Loc d;
        private final long value;

        StoreWord(Opcode op, Loc d) {
            this.d = d;
            value = op == Opcode.SMSW ? CR0 : 0;
        }

        @Override public void exec(InterpreterCpu c) { d.put(c, value); }
    }

    /** SGDT, SIDT: the tables are the core's; they look empty. */
    static final class StoreTable extends Op {
        private final Ea ea;
        private final int size;

        StoreTable(Ea ea, int size) {
            this.ea = ea;
            this.size = size;
        }

        @Override public void exec(InterpreterCpu c) { Raw.zero(c.hostWrite(ea.of(c), size), size); }
    }

    /** BOUND: #BR unless lower &lt;= index &lt;= upper. */
    static final class Bound extends Op {
        private final Loc index;
        private final Ea ea;

        Bound(Loc index, Ea ea) {
            this.index = index;
            this.ea = ea;
        }

        @Override public void exec(InterpreterCpu c) {
            int size = index.size;
            long h = c.hostRead(ea.of(c), 2 * size), i = index.get(c);
            if (i < Loc.signed(h, size) || i > Loc.signed(h + size, size)) {
                throw c.raise(5, 0);
            }
        }
    }
}
