package xen.cpu.bytecode;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.engine.CodeBlock;
import xen.kernel.api.hw.VcpuContext;

/** Which instructions are translated. */
final class Coverage {
    private Coverage() {}

    /** One of so many may be {@link #stepped}; code of mostly such is faster in tier 0. */
    private static final int STEPPED_SHARE = 4;

    /** Leading instructions of a block that are, or are stepped; 0 when the block is better left to tier 0. */
    static int prefix(CodeBlock b) {
        int n = 0, steps = 0;
        for (; n < b.insns.length; n++) {
            if (!supported(b.insns[n])) {
                if (!stepped(b.insns[n])) {
                    break;
                }
                steps++;
            }
        }
        return steps * STEPPED_SHARE <= n ? n : 0;
    }

    /** Not translated, but in 64-bit mode and no terminator: tier 0 is called for it. */
    static boolean stepped(Insn i) { return i.mode == Insn.MODE_64 && !i.terminates() && !supported(i); }

    static boolean jcc(Insn i) { return i.op.ordinal() >= Opcode.JO.ordinal() && i.op.ordinal() <= Opcode.JG.ordinal(); }

    static boolean setcc(Insn i) { return i.op.ordinal() >= Opcode.SETO.ordinal() && i.op.ordinal() <= Opcode.SETG.ordinal(); }

    static boolean cmovcc(Insn i) { return i.op.ordinal() >= Opcode.CMOVO.ordinal() && i.op.ordinal() <= Opcode.CMOVG.ordinal(); }

    static boolean vector(Insn i) { return i.op.ordinal() >= Opcode.MOVUPS.ordinal() && i.op.ordinal() <= Opcode.AESKEYGENASSIST.ordinal(); }

    /** Uses the stack without naming it. */
    static boolean stack(Insn i) {
        return switch (i.op) {
            case PUSH, POP, LEAVE, CALL, RET -> true;
            default -> false;
        };
    }

    static boolean nothing(Insn i) {
        return switch (i.op) {
            case NOP, PAUSE, ENDBR64, ENDBR32, PREFETCHW -> true;
            default -> false;
        };
    }

    static boolean writesFirst(Insn i) {
        return switch (i.op) {
            case CMP, TEST, BT, CMPXCHG, PUSH, MUL, DIV, IDIV, JMP, CALL -> false;
            case IMUL -> i.operands > 1;
            default -> true;
        };
    }

    /** May leave in front of itself. */
    static boolean mayExit(Insn i) {
        return stepped(i) || i.mem >= 0 && i.memSize > 0 && i.op != Opcode.LEA && !nothing(i) || stack(i) || vector(i) || i.op == Opcode.DIV || i.op == Opcode.IDIV;
    }

    static boolean supported(Insn i) {
        if (i.mode != Insn.MODE_64) {
            return false;
        }
        if (AtomicCode.supported(i)) {
            return operands(i);
        }
        if (i.lock) {
            return false;
        }
        if (nothing(i)) {
            return true;
        }
        if (vector(i)) {
            return VectorCode.supported(i);
        }
        return !i.vex && operands(i) && integer(i);
    }

    private static boolean operands(Insn i) {
        for (int o = 0; o < i.operands; o++) {
            switch (i.kind(o)) {
                case Insn.GPR, Insn.GPR_HIGH, Insn.IMM, Insn.REL -> { }
                case Insn.MEM -> {
                    if (i.asz != 8 || i.memSize > 8) {
                        return false;
                    }
                }
                default -> { return false; }
            }
        }
        return true;
    }

    private static boolean integer(Insn i) {
        boolean wide = i.size >= 4;
        return switch (i.op) {
            case MOV, MOVZX, MOVSX, MOVSXD, LEA, ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, TEST, INC, DEC, NEG, NOT, SHL, SHR, SAR, ROL, ROR,
                    CBW, CWDE, CDQE, CWD, CDQ, CQO -> true;
            case IMUL -> wide || i.operands > 1;
            case MUL, DIV, IDIV, BSWAP, TZCNT, LZCNT, POPCNT -> wide;
            case BSF, BSR -> wide && i.mem < 0;
            case BT, BTS, BTR, BTC -> i.k0 == Insn.GPR || i.k1 == Insn.IMM;
            case XCHG -> i.mem < 0;
            case PUSH -> i.osz == 8;
            case POP -> i.osz == 8 && i.k0 == Insn.GPR;
            case LEAVE -> i.osz == 8;
            case JMP, CALL -> !i.p66 && (i.k0 == Insn.REL || i.size(0) == 8 && i.k0 != Insn.IMM);
            case RET -> !i.p66;
            default -> jcc(i) && !i.p66 || setcc(i) || cmovcc(i);
        };
    }

    /** Offset of a register in the register file. */
    static int slot(int r) { return VcpuContext.GPR + 8 * r; }
}
