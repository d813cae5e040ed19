package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.rules.Flags;
import xen.kernel.api.hw.Raw;

/**
 * Decimal adjustments and SALC, compatibility mode only (SDM vol. 2, DAA and following). The flags that it leaves undefined are
 * AMD's: those of the addition or subtraction that is made, in AAA and AAS of 16 bits and in front of the masking.
 */
final class BcdOps extends Op {
    private static final int CF = LazyFlags.CF, AF = LazyFlags.AF;

    private final Opcode op;
    private final int imm;

    BcdOps(Opcode op, int imm) {
        this.op = op;
        this.imm = imm;
    }

    @Override public void exec(InterpreterCpu c) {
        long r = c.regs;
        int al = Raw.get8(r), ah = Raw.get8(r + 1);
        long f = c.arithmetic();
        boolean carry = (f & CF) != 0, adjust = (f & AF) != 0 || (al & 15) > 9;
        switch (op) {
            case DAA, DAS -> decimal(c, al, carry, adjust, op == Opcode.DAA ? 1 : -1);
            case AAA, AAS -> {
                int sign = op == Opcode.AAA ? 1 : -1;
                int by = adjust ? 0x106 : 0, ax = ah << 8 | al, x = ax + sign * by;
                Raw.put16(r, x & 0xff0f);
                long all = Flags.arithmetic(sign > 0 ? FlagRules.ADD : FlagRules.SUB, (short) x, (short) ax, (short) by);
                FlagRules.raw(c, all & ~(CF | AF) | (adjust ? CF | AF : 0));
            }
            case AAM -> {
                if (imm == 0) {
                    throw c.raise(0, 0);
                }
                Raw.put8(r + 1, al / imm);
                Raw.put8(r, al % imm);
                FlagRules.logic(c, (byte) (al % imm));
            }
            case AAD -> {
                int x = al + ah * imm & 0xff;
                Raw.put16(r, x);
                FlagRules.set(c, FlagRules.ADD, (byte) x, (byte) al, (byte) (ah * imm));
            }
            default -> Raw.put8(r, carry ? 0xff : 0);
        }
    }

    private void decimal(InterpreterCpu c, int al, boolean carry, boolean adjust, int sign) {
        int x = al;
        boolean out = carry;
        if (adjust) {
            x += sign * 6;
            out |= sign < 0 && al < 6;
        }
        if (al > 0x99 || carry) {
            x += sign * 0x60;
            out = true;
        }
        Raw.put8(c.regs, x);
        byte v = (byte) x;
        long overflow = Flags.arithmetic(sign > 0 ? FlagRules.ADD : FlagRules.SUB, v, (byte) al, (byte) (sign * (x - al))) & LazyFlags.OF;
        FlagRules.raw(c, overflow | (v == 0 ? LazyFlags.ZF : 0) | (v < 0 ? LazyFlags.SF : 0) | Flags.parity(v) | (out ? CF : 0) | (adjust ? AF : 0));
    }
}
