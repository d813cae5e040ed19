package xen.cpu.bytecode;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.mmu.Tlb;
import xen.hw.x86smp.rules.Flags;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** Writes locked instructions, and XADD, CMPXCHG and XCHG with memory, locked or not: 4 and 8 bytes, through {@link Atomics}. */
final class AtomicCode {
    private final Code c;
    private final FlagCode flags;
    private final Memory memory;
    private final IntegerCode operands;

    AtomicCode(Code c, FlagCode flags, Memory memory, IntegerCode operands) {
        this.c = c;
        this.flags = flags;
        this.memory = memory;
        this.operands = operands;
    }

    static boolean supported(Insn i) {
        if (i.mem != 0 || i.size < 4 || i.memSize != i.size) {
            return false;
        }
        return switch (i.op) {
            case ADD, SUB, AND, OR, XOR, INC, DEC -> i.lock;
            case BTS, BTR, BTC -> i.lock && i.k1 == Insn.IMM;
            case XADD, CMPXCHG, XCHG -> true;
            default -> false;
        };
    }

    void emit(Insn i, boolean dead) {
        memory.operand(i, Tlb.WRITE);
        if (!Raw.CAS_ANYWHERE) {
            c.load(Code.HOST);
            c.constant(i.size - 1L);
            c.b.land().lconst_0().lcmp().ifne(memory.exit());
        }
        switch (i.op) {
            case INC, DEC -> step(i, dead);
            case BTS, BTR, BTC -> bit(i, dead);
            case XCHG -> {
                source(i);
                update(Atomics.SET, i);
                c.load(Code.U);
                operands.write(i, 1);
            }
            case XADD -> {
                source(i);
                update(Atomics.ADD, i);
                c.load(Code.U);
                operands.write(i, 1);
                arithmetic(i, true, dead);
            }
            case CMPXCHG -> exchange(i, dead);
            case ADD, SUB -> {
                source(i);
                update(i.op == Opcode.ADD ? Atomics.ADD : Atomics.SUBTRACT, i);
                arithmetic(i, i.op == Opcode.ADD, dead);
            }
            default -> logic(i, dead);
        }
    }

    /** T = operand 1. */
    private void source(Insn i) {
        operands.read(i, 1, true);
        c.store(Code.T);
    }

    /** U = what was there. */
    private void update(int op, Insn i) {
        c.load(Code.HOST);
        c.load(Code.T);
        c.constant(op);
        c.constant((int) i.size);
        c.helper(Atomics.class, "update", "(JJII)J");
        c.store(Code.U);
    }

    private void arithmetic(Insn i, boolean add, boolean dead) {
        if (dead) {
            return;
        }
        c.load(Code.U);
        c.store(Code.FA);
        c.load(Code.T);
        c.store(Code.FB);
        c.load(Code.U);
        c.load(Code.T);
        if (add) {
            c.b.ladd();
        } else {
            c.b.lsub();
        }
        c.signed(i.size);
        c.store(Code.FR);
        flags.written(add ? Flags.ADD : Flags.SUB, i.size);
    }

    private void logic(Insn i, boolean dead) {
        source(i);
        update(i.op == Opcode.AND ? Atomics.AND : i.op == Opcode.OR ? Atomics.OR : Atomics.XOR, i);
        if (dead) {
            return;
        }
        c.load(Code.U);
        c.load(Code.T);
        switch (i.op) {
            case AND -> c.b.land();
            case OR -> c.b.lor();
            default -> c.b.lxor();
        }
        c.store(Code.FR);
        flags.written(Flags.LOGIC, i.size);
    }

    private void step(Insn i, boolean dead) {
        boolean up = i.op == Opcode.INC;
        c.b.lconst_1();
        c.store(Code.T);
        update(up ? Atomics.ADD : Atomics.SUBTRACT, i);
        if (dead) {
            return;
        }
        flags.carry();
        c.store(Code.FB);
        c.load(Code.U);
        c.store(Code.FA);
        c.load(Code.U);
        c.b.lconst_1();
        if (up) {
            c.b.ladd();
        } else {
            c.b.lsub();
        }
        c.signed(i.size);
        c.store(Code.FR);
        flags.written(up ? Flags.INC : Flags.DEC, i.size);
    }

    private void bit(Insn i, boolean dead) {
        int n = (int) i.imm & 8 * i.size - 1;
        c.constant(i.op == Opcode.BTR ? ~(1L << n) : 1L << n);
        c.store(Code.T);
        update(i.op == Opcode.BTS ? Atomics.OR : i.op == Opcode.BTR ? Atomics.AND : Atomics.XOR, i);
        if (!dead) {
            flags.change("withCarry", "J", () -> {
                c.load(Code.U);
                c.b.bipush(n).lushr();
            });
        }
    }

    /** The accumulator gets what was there: the same value when it was equal, except for the upper half of a 32-bit one, which stays then. */
    private void exchange(Insn i, boolean dead) {
        int rax = Code.gpr(VcpuContext.RAX);
        c.load(rax);
        c.signed(i.size);
        c.store(Code.T);
        c.load(Code.HOST);
        c.load(Code.T);
        operands.read(i, 1, true);
        c.constant((int) i.size);
        c.helper(Atomics.class, "exchange", "(JJJI)J");
        c.store(Code.U);
        var equal = c.label();
        c.load(Code.U);
        c.load(Code.T);
        c.b.lcmp().ifeq(equal);
        c.load(Code.U);
        operands.register(VcpuContext.RAX, i.size);
        c.at(equal);
        if (dead) {
            return;
        }
        c.load(Code.T);
        c.store(Code.FA);
        c.load(Code.U);
        c.store(Code.FB);
        c.load(Code.T);
        c.load(Code.U);
        c.b.lsub();
        c.signed(i.size);
        c.store(Code.FR);
        flags.written(Flags.SUB, i.size);
    }
}
