package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Row;

/** What is known when a block is bound about the flags at some point of it: which of the conditions' short cuts are valid there. */
enum Producer {
    UNKNOWN,
    /** Result known, E NE S NS may look at it. */
    RESULT,
    /** AND, OR, XOR, TEST: every condition follows from the result. */
    LOGIC,
    /** SUB, CMP: the comparisons follow from the operands. */
    COMPARE;

    /** Behind {@code i}, given {@code before}. */
    static Producer after(Insn i, Producer before) {
        Row r = i.row;
        if ((r.flagsWritten | r.flagsUndefined | r.flagsMaybe) == 0) {
            return before;
        }
        return switch (i.op) {
            case CMP, SUB, NEG, CMPXCHG -> COMPARE;
            case TEST, AND, OR, XOR -> LOGIC;
            case ADD, ADC, SBB, INC, DEC, XADD -> RESULT;
            case SHL, SHR, SAR -> i.k1 == Insn.IMM && (i.imm & (i.s0 == 8 ? 63 : 31)) != 0 ? RESULT : UNKNOWN;
            default -> UNKNOWN;
        };
    }
}
