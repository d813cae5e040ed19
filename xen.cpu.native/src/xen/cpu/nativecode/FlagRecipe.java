package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

import java.util.EnumSet;
import java.util.Set;
import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.decode.Row;

/**
 * How the flags that an instruction left can be had once more from the registers as they are behind it: a loop then need not save them on each round for
 * the few that end in an exit. Destroys R10 and the host's flags only.
 */
final class FlagRecipe {
    /** Writes nothing but operand 0 and flags. */
    private static final Set<Opcode> SIMPLE = EnumSet.of(Opcode.ADD, Opcode.OR, Opcode.ADC, Opcode.SBB, Opcode.AND, Opcode.SUB, Opcode.XOR, Opcode.CMP, Opcode.TEST,
            Opcode.INC, Opcode.DEC, Opcode.NEG, Opcode.NOT, Opcode.MOV, Opcode.MOVZX, Opcode.MOVSX, Opcode.MOVSXD, Opcode.LEA, Opcode.SHL, Opcode.SHR, Opcode.SAR,
            Opcode.ROL, Opcode.ROR);

    private final Insn i;

    private FlagRecipe(Insn i) { this.i = i; }

    /** Null when there is none. */
    static FlagRecipe of(Insn i) {
        if (i.mode != Insn.MODE_64 || i.mem >= 0 || i.lock || i.operands != 2 || i.k0 != Insn.GPR || i.k1 != Insn.GPR && i.k1 != Insn.IMM) {
            return null;
        }
        boolean apart = i.k1 == Insn.IMM || i.r1 != i.r0;
        boolean wide = i.size >= 4;
        boolean known = switch (i.op) {
            case CMP, TEST -> wide || i.size == 1 && Frame.host(i.r0) >= 0 && (i.k1 == Insn.IMM || Frame.host(i.r1) >= 0);
            case ADD, SUB -> wide && apart;
            case AND, OR, XOR -> wide;
            default -> false;
        };
        return known ? new FlagRecipe(i) : null;
    }

    /** For the flags as they are behind the last of these instructions that is no jump; null when there is none. */
    static FlagRecipe behind(Insn[] insns) {
        for (int j = insns.length - 1; j >= 0; j--) {
            if (((insns[j].row.flagsWritten | insns[j].row.flagsMaybe) & Row.STATUS) != 0) {
                FlagRecipe r = of(insns[j]);
                for (int later = j + 1; r != null && later < insns.length; later++) {
                    if (!insns[later].terminates() && !Coverage.nothing(insns[later]) && r.endangeredBy(insns[later])) {
                        return null;
                    }
                }
                return r;
            }
        }
        return null;
    }

    /** True if the instruction may change what the recipe needs without writing all flags anew. */
    boolean endangeredBy(Insn by) {
        // those have RCX as a result
        boolean index = by.op == Opcode.PCMPESTRI || by.op == Opcode.PCMPISTRI;
        boolean vector = Coverage.vector(by) && by.k0 == Insn.XMM && !index;
        boolean choice = Coverage.setcc(by) || Coverage.cmovcc(by);
        if (!SIMPLE.contains(by.op) && !vector && !choice) {
            return true;
        }
        boolean writes = (by.k0 == Insn.GPR || by.k0 == Insn.GPR_HIGH) && Coverage.writesFirst(by);
        return writes && needs(by.r0) && (by.row.flagsWritten & Row.STATUS) != Row.STATUS;
    }

    private boolean needs(int register) { return register == i.r0 || i.k1 == Insn.GPR && register == i.r1; }

    /** Makes the host's flags what they were behind the instruction. */
    void emit(Assembler a) {
        boolean w = i.size == 8;
        int imm = (int) i.imm;
        switch (i.op) {
            case CMP, TEST -> {
                if (i.size == 1) {
                    narrow(a);
                    return;
                }
                int first = in(a, i.r0);
                boolean compares = i.op == Opcode.CMP;
                if (i.k1 == Insn.GPR) {
                    with(a, w, compares ? 0x3b : 0x85, first);
                } else if (compares) {
                    a.alu(7, w, first, imm);
                } else {
                    a.testImm(w, first, imm);
                }
            }
            // undone and done again
            case ADD -> twice(a, w, 5, 0x2b, 0, 0x03);
            case SUB -> twice(a, w, 0, 0x03, 5, 0x2b);
            default -> {
                int r = in(a, i.r0);
                a.rr(w, 0x85, r, r);
            }
        }
    }

    private void twice(Assembler a, boolean w, int undoImm, int undo, int againImm, int again) {
        int from = in(a, i.r0);
        if (from != R10) {
            a.mov(R10, from);
        }
        if (i.k1 == Insn.IMM) {
            a.alu(undoImm, w, R10, (int) i.imm);
            a.alu(againImm, w, R10, (int) i.imm);
        } else {
            with(a, w, undo, R10);
            with(a, w, again, R10);
        }
    }

    /** Operation {@code first}, operand 1. */
    private void with(Assembler a, boolean w, int opcode, int first) {
        int h = Frame.host(i.r1);
        if (h >= 0) {
            a.rr(w, opcode, first, h);
        } else {
            a.rm(w, opcode, first, RSP, Frame.slot(i.r1));
        }
    }

    private static int in(Assembler a, int guest) {
        int h = Frame.host(guest);
        if (h < 0) {
            a.load(R10, RSP, Frame.slot(guest));
            return R10;
        }
        return h;
    }

    private void narrow(Assembler a) {
        int first = Frame.host(i.r0), second = i.k1 == Insn.GPR ? Frame.host(i.r1) : 0;
        boolean compares = i.op == Opcode.CMP;
        if (i.k1 == Insn.GPR) {
            a.b(0x40 | first >> 3 << 2 | second >> 3);
            a.b(compares ? 0x3a : 0x84);
            a.b(0xc0 | (first & 7) << 3 | second & 7);
        } else {
            a.b(0x40 | first >> 3);
            a.b(compares ? 0x80 : 0xf6);
            a.b(0xc0 | (compares ? 7 : 0) << 3 | first & 7);
            a.b((int) i.imm);
        }
    }
}
