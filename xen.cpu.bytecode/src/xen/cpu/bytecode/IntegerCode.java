package xen.cpu.bytecode;

import java.lang.classfile.Label;
import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.mmu.Tlb;
import xen.hw.x86smp.rules.Flags;
import xen.kernel.api.hw.VcpuContext;

/** Writes integer instructions. The operand stack is empty wherever an instruction may leave. */
final class IntegerCode {
    private static final int RSP = Code.gpr(VcpuContext.RSP), RBP = Code.gpr(VcpuContext.RBP);

    private final Code c;
    private final FlagCode flags;
    private final Memory memory;
    private final ShiftCode shifts;
    private final MultiplyCode products;
    private final AtomicCode atomics;
    private final BitCode bits;

    IntegerCode(Code c, FlagCode flags, Memory memory, RegionWriter region) {
        this.c = c;
        this.flags = flags;
        this.memory = memory;
        shifts = new ShiftCode(c, flags, this);
        products = new MultiplyCode(c, flags, memory, this);
        atomics = new AtomicCode(c, flags, memory, this);
        bits = new BitCode(c, flags, this);
    }

    void emit(Insn i, int k, int next) {
        if (AtomicCode.supported(i)) {
            atomics.emit(i, flags.dead(k));
            return;
        }
        switch (i.op) {
            case MOV -> move(i, false);
            case MOVZX -> move(i, false);
            case MOVSX, MOVSXD -> move(i, true);
            case LEA -> {
                memory.address(i);
                write(i, 0);
            }
            case ADD, ADC, SUB, SBB, AND, OR, XOR, CMP, TEST -> binary(i, flags.dead(k));
            case INC, DEC, NEG, NOT -> unary(i, flags.dead(k));
            case SHL, SHR, SAR, ROL, ROR -> {
                destination(i);
                shifts.emit(i, flags.dead(k));
            }
            case IMUL, MUL, DIV, IDIV -> products.emit(i, flags.dead(k));
            case BT, BTS, BTR, BTC, BSF, BSR, TZCNT, LZCNT, POPCNT -> bits.emit(i, flags.dead(k));
            case BSWAP -> {
                c.load(Code.gpr(i.r0));
                if (i.size == 8) {
                    c.longs("reverseBytes", "(J)J");
                } else {
                    c.b.l2i();
                    c.integers("reverseBytes", "(I)I");
                    c.b.i2l();
                }
                write(i, 0);
            }
            case XCHG -> {
                read(i, 0, false);
                c.store(Code.T);
                read(i, 1, false);
                write(i, 0);
                c.load(Code.T);
                write(i, 1);
            }
            case CBW, CWDE, CDQE -> {
                c.load(Code.gpr(VcpuContext.RAX));
                c.signed(i.osz / 2);
                register(VcpuContext.RAX, i.osz);
            }
            case CWD, CDQ, CQO -> {
                c.load(Code.gpr(VcpuContext.RAX));
                c.signed(i.osz);
                c.b.bipush(63).lshr();
                register(VcpuContext.RDX, i.osz);
            }
            case PUSH -> push(i);
            case POP -> {
                memory.stackRead(0);
                c.load(Code.HOST);
                c.get64();
                moveStack(8);
                c.store(Code.gpr(i.r0));
                c.order();
            }
            case LEAVE -> {
                c.load(RBP);
                c.store(Code.VA);
                memory.check(8, Tlb.READ);
                c.plus(RBP, 8);
                c.store(RSP);
                c.load(Code.HOST);
                c.get64();
                c.store(RBP);
                c.order();
            }
            default -> conditional(i);
        }
    }

    void moveStack(long by) {
        c.plus(RSP, by);
        c.store(RSP);
    }

    // Operands

    /** Checks the memory operand, if there is one, for reading and writing. */
    void destination(Insn i) {
        if (i.mem == 0) {
            memory.operand(i, Tlb.WRITE);
        } else if (i.mem > 0) {
            memory.operand(i, Tlb.READ);
        }
    }

    void source(Insn i) {
        if (i.mem >= 0) {
            memory.operand(i, Tlb.READ);
        }
    }

    /** Pushes operand {@code o}; a memory operand's address is in HOST. */
    void read(Insn i, int o, boolean signed) {
        int size = i.size(o);
        switch (i.kind(o)) {
            case Insn.IMM -> c.constant(signed ? extend(i.imm, i.size) : i.imm & mask(i.size));
            case Insn.GPR -> {
                c.load(Code.gpr(i.reg(o)));
                narrow(size, signed);
            }
            case Insn.GPR_HIGH -> {
                c.load(Code.gpr(i.reg(o)));
                c.b.bipush(8).lushr();
                narrow(1, signed);
            }
            default -> {
                c.load(Code.HOST);
                c.get(size, signed);
                c.order();
            }
        }
    }

    private void narrow(int size, boolean signed) {
        if (signed) {
            c.signed(size);
        } else {
            c.unsigned(size);
        }
    }

    static long mask(int size) { return size == 8 ? -1L : (1L << 8 * size) - 1; }

    private static long extend(long v, int size) { return v << 64 - 8 * size >> 64 - 8 * size; }

    /** Pops the value of operand {@code o}, its upper bits are not looked at. */
    void write(Insn i, int o) {
        switch (i.kind(o)) {
            case Insn.GPR -> register(i.reg(o), i.size(o));
            case Insn.GPR_HIGH -> insert(i.reg(o), 8, 0xffL);
            default -> {
                c.store(Code.U);
                c.load(Code.HOST);
                c.load(Code.U);
                c.put(i.size(o));
                c.order();
            }
        }
    }

    void register(int r, int size) {
        if (size >= 4) {
            c.unsigned(size);
            c.store(Code.gpr(r));
        } else {
            insert(r, 0, mask(size));
        }
    }

    private void insert(int r, int shift, long mask) {
        c.constant(mask);
        c.b.land();
        if (shift > 0) {
            c.constant(shift);
            c.b.lshl();
        }
        c.load(Code.gpr(r));
        c.constant(~(mask << shift));
        c.b.land().lor();
        c.store(Code.gpr(r));
    }

    private void move(Insn i, boolean signed) {
        destination(i);
        read(i, 1, signed);
        write(i, 0);
    }

    // Arithmetic

    private void binary(Insn i, boolean dead) {
        Opcode op = i.op;
        boolean writes = op != Opcode.CMP && op != Opcode.TEST;
        if (writes) {
            destination(i);
        } else {
            source(i);
        }
        boolean carry = op == Opcode.ADC || op == Opcode.SBB;
        if (carry) {
            flags.carry();
            c.store(Code.T);
        }
        boolean logic = op == Opcode.AND || op == Opcode.OR || op == Opcode.XOR || op == Opcode.TEST;
        read(i, 0, true);
        read(i, 1, true);
        if (!logic && !dead) {
            c.store(Code.B);
            c.keep(Code.FA);
            c.load(Code.B);
            c.keep(Code.FB);
        }
        switch (op) {
            case ADD, ADC -> c.b.ladd();
            case SUB, SBB, CMP -> c.b.lsub();
            case OR -> c.b.lor();
            case XOR -> c.b.lxor();
            default -> c.b.land();
        }
        if (carry) {
            c.load(Code.T);
            if (op == Opcode.ADC) {
                c.b.ladd();
            } else {
                c.b.lsub();
            }
        }
        if (dead) {
            if (writes) {
                write(i, 0);
            } else {
                c.b.pop2();
            }
            return;
        }
        if (!logic) {
            c.signed(i.size);
        }
        if (writes) {
            c.keep(Code.FR);
            write(i, 0);
        } else {
            c.store(Code.FR);
        }
        flags.written(switch (op) {
            case ADD, ADC -> Flags.ADD;
            case SUB, CMP -> Flags.SUB;
            case SBB -> Flags.SBB;
            default -> Flags.LOGIC;
        }, i.size);
    }

    private void unary(Insn i, boolean dead) {
        destination(i);
        boolean step = i.op == Opcode.INC || i.op == Opcode.DEC, flagged = i.op != Opcode.NOT && !dead;
        if (step && flagged) {
            flags.carry();
            c.store(Code.FB);
        }
        read(i, 0, true);
        if (flagged) {
            c.keep(step ? Code.FA : Code.FB);
        }
        switch (i.op) {
            case INC -> c.b.lconst_1().ladd();
            case DEC -> c.b.lconst_1().lsub();
            case NEG -> c.b.lneg();
            default -> {
                c.constant(-1L);
                c.b.lxor();
            }
        }
        if (flagged) {
            c.signed(i.size);
            c.keep(Code.FR);
            if (i.op == Opcode.NEG) {
                c.b.lconst_0();
                c.store(Code.FA);
            }
        }
        write(i, 0);
        if (flagged) {
            flags.written(i.op == Opcode.INC ? Flags.INC : i.op == Opcode.DEC ? Flags.DEC : Flags.SUB, i.size);
        }
    }

    private void push(Insn i) {
        if (i.k0 == Insn.MEM) {
            memory.operand(i, Tlb.READ);
            c.load(Code.HOST);
            c.get64();
            c.store(Code.T);
            c.order();
        }
        memory.stackWrite();
        c.load(Code.HOST);
        switch (i.k0) {
            case Insn.GPR -> c.load(Code.gpr(i.r0));
            case Insn.IMM -> c.constant(i.imm);
            default -> c.load(Code.T);
        }
        c.put64();
        c.order();
        moveStack(-8);
    }

    /** SETcc and CMOVcc. */
    private void conditional(Insn i) {
        destination(i);
        if (Coverage.setcc(i)) {
            flags.condition(i.opcode & 15);
            write(i, 0);
            return;
        }
        read(i, 1, false);
        c.store(Code.T);
        Label yes = c.label();
        flags.branch(i.opcode & 15, yes);
        read(i, 0, false);
        c.store(Code.T);
        c.at(yes);
        c.load(Code.T);
        write(i, 0);
    }
}
