package xen.cpu.bytecode;

import java.lang.classfile.Label;
import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;

/** Writes bit tests and bit scans. */
final class BitCode {
    private final Code c;
    private final FlagCode flags;
    private final IntegerCode operands;

    BitCode(Code c, FlagCode flags, IntegerCode operands) {
        this.c = c;
        this.flags = flags;
        this.operands = operands;
    }

    void emit(Insn i, boolean dead) {
        switch (i.op) {
            case BT, BTS, BTR, BTC -> bit(i, dead);
            default -> scan(i, dead);
        }
    }

    private void bit(Insn i, boolean dead) {
        if (i.op == Opcode.BT) {
            operands.source(i);
        } else {
            operands.destination(i);
        }
        // T = the mask
        c.b.lconst_1();
        if (i.k1 == Insn.IMM) {
            c.constant((int) i.imm & 8 * i.size - 1);
        } else {
            c.load(Code.gpr(i.r1));
            c.b.l2i();
            c.constant(8 * i.size - 1);
            c.b.iand();
        }
        c.b.lshl();
        c.store(Code.T);
        operands.read(i, 0, false);
        c.store(Code.VA);
        if (i.op != Opcode.BT) {
            c.load(Code.VA);
            c.load(Code.T);
            switch (i.op) {
                case BTS -> c.b.lor();
                case BTC -> c.b.lxor();
                default -> {
                    c.constant(-1L);
                    c.b.lxor().land();
                }
            }
            operands.write(i, 0);
        }
        if (!dead) {
            flags.change("withCarry", "J", () -> {
                c.load(Code.VA);
                c.load(Code.T);
                c.b.land().dup2().lneg().lor().bipush(63).lushr();
            });
        }
    }

    private void scan(Insn i, boolean dead) {
        operands.source(i);
        operands.read(i, 1, false);
        c.store(Code.T);
        boolean keeps = i.op == Opcode.BSF || i.op == Opcode.BSR;
        Label zero = c.label();
        if (keeps) {
            c.b.lconst_0();
            c.store(Code.VA);
            c.load(Code.T);
            c.b.lconst_0().lcmp().ifeq(zero);
        }
        c.load(Code.T);
        switch (i.op) {
            case BSF -> c.longs("numberOfTrailingZeros", "(J)I");
            case BSR -> {
                c.longs("numberOfLeadingZeros", "(J)I");
                c.constant(63);
                c.b.ixor();
            }
            case POPCNT -> c.longs("bitCount", "(J)I");
            case TZCNT -> {
                if (i.size == 4) {
                    c.constant(1L << 32);
                    c.b.lor();
                }
                c.longs("numberOfTrailingZeros", "(J)I");
            }
            default -> {
                c.longs("numberOfLeadingZeros", "(J)I");
                c.constant(64 - 8 * i.size);
                c.b.isub();
            }
        }
        c.b.i2l();
        c.store(Code.VA);
        c.load(Code.VA);
        operands.write(i, 0);
        if (keeps) {
            c.at(zero);
        }
        if (dead) {
            return;
        }
        if (keeps) {
            c.load(Code.T);
            c.load(Code.VA);
            c.partial("scanned", "(JJ)J");
            flags.raw();
        } else if (i.op == Opcode.POPCNT) {
            c.load(Code.T);
            c.b.lconst_0();
            c.partial("populated", "(JJ)J");
            flags.raw();
        } else {
            flags.change("counted", "JJ", () -> {
                c.load(Code.T);
                c.load(Code.VA);
            });
        }
    }
}
