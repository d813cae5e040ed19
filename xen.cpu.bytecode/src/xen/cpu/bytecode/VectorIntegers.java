package xen.cpu.bytecode;

import java.util.Locale;
import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.mmu.Tlb;
import xen.hw.x86smp.rules.Lanes;

/** Writes integer SIMD and logic. */
final class VectorIntegers extends VectorForms {
    VectorIntegers(Code c, Memory memory) { super(c, memory); }

    /** Each half by itself, by the method of {@link Lanes} that has the instruction's name. */
    static boolean lanewise(Insn i) {
        return switch (i.op) {
            case PADDB, PADDW, PADDD, PSUBB, PSUBW, PSUBD, PCMPEQB, PCMPEQW, PCMPEQD, PCMPGTB, PCMPGTW, PCMPGTD, PMINUB, PMAXUB, PMINSW, PMAXSW,
                    PADDUSB, PADDUSW, PSUBUSB, PSUBUSW, PADDSB, PADDSW, PSUBSB, PSUBSW, PAVGB, PAVGW, PMULLW, PMULHW, PMULHUW, PMULUDQ, PMADDWD,
                    PSADBW -> true;
            default -> false;
        };
    }

    void emit(Insn i) {
        switch (i.op) {
            case PXOR, XORPS, XORPD -> lanes(i, () -> c.b.lxor());
            case POR, ORPS, ORPD -> lanes(i, () -> c.b.lor());
            case PAND, ANDPS, ANDPD -> lanes(i, () -> c.b.land());
            case PANDN, ANDNPS, ANDNPD -> lanes(i, () -> lane("pandn"));
            case PADDQ -> lanes(i, () -> c.b.ladd());
            case PSUBQ -> lanes(i, () -> c.b.lsub());
            case PUNPCKLBW -> interleave(i, 0, "punpcklbw");
            case PUNPCKLWD -> interleave(i, 0, "punpcklwd");
            case PUNPCKLDQ -> interleave(i, 0, "punpckldq");
            case PUNPCKHBW -> interleave(i, 8, "punpcklbw");
            case PUNPCKHWD -> interleave(i, 8, "punpcklwd");
            case PUNPCKHDQ -> interleave(i, 8, "punpckldq");
            case PACKUSWB -> {
                both(i);
                pack(low(i.r0), high(i.r0), low(i.r0));
                pack(Code.T, Code.U, high(i.r0));
            }
            case PSHUFD -> {
                both(i);
                shuffle(i.imm & 15, low(i.r0));
                shuffle(i.imm >> 4 & 15, high(i.r0));
            }
            case PSLLDQ -> bytes(i, high(i.r0), low(i.r0), true);
            case PSRLDQ -> bytes(i, low(i.r0), high(i.r0), false);
            case PMOVMSKB -> {
                signs(low(i.r1));
                signs(high(i.r1));
                c.b.bipush(8).ishl().ior().i2l();
                c.store(Code.gpr(i.r0));
            }
            case PSLLW, PSLLD, PSLLQ, PSRLW, PSRLD, PSRLQ, PSRAW, PSRAD -> shift(i);
            default -> lanes(i, () -> lane(name(i)));
        }
    }

    private static String name(Insn i) { return i.op.name().toLowerCase(Locale.ROOT); }

    private void lane(String name) { c.helper(Lanes.class, name, "(JJ)J"); }

    private void signs(int half) {
        c.load(half);
        c.helper(Lanes.class, "pmovmskb", "(J)I");
    }

    private void lanes(Insn i, Runnable operation) {
        if (i.mem >= 0) {
            memory.operand(i, Tlb.READ, 16, true);
        }
        for (int n = 0; n < 16; n += 8) {
            c.load(half(i.r0, n));
            if (i.mem >= 0) {
                fromMemory(n);
            } else {
                c.load(half(i.r1, n));
            }
            operation.run();
            c.store(half(i.r0, n));
        }
        if (i.mem >= 0) {
            c.order();
        }
    }

    private void interleave(Insn i, int n, String name) {
        both(i);
        int other = n == 0 ? Code.T : Code.U;
        copy(half(i.r0, n), Code.VA);
        c.load(Code.VA);
        c.load(other);
        lane(name);
        c.store(low(i.r0));
        c.load(Code.VA);
        c.b.bipush(32).lushr();
        c.load(other);
        c.b.bipush(32).lushr();
        lane(name);
        c.store(high(i.r0));
    }

    private void pack(int a, int b, int to) {
        c.load(a);
        c.helper(Lanes.class, "packuswb", "(J)J");
        c.load(b);
        c.helper(Lanes.class, "packuswb", "(J)J");
        c.b.bipush(32).lshl().lor();
        c.store(to);
    }

    /** Two doublewords of T and U, two bits of order each. */
    private void shuffle(long order, int to) {
        doubleword((int) order & 3);
        doubleword((int) order >> 2);
        c.b.bipush(32).lshl().lor();
        c.store(to);
    }

    private void doubleword(int n) {
        c.load((n & 2) == 0 ? Code.T : Code.U);
        if ((n & 1) != 0) {
            c.b.bipush(32).lushr();
        } else {
            c.unsigned(4);
        }
    }

    private void shift(Insn i) {
        for (int n = 0; n < 16; n += 8) {
            c.load(half(i.r0, n));
            c.constant(i.imm & 0xff);
            lane(name(i));
            c.store(half(i.r0, n));
        }
    }

    /** Shifts by bytes: the near half takes bits of the far one in. */
    private void bytes(Insn i, int near, int far, boolean left) {
        int n = (int) Math.min(i.imm & 0xff, 16) * 8;
        boolean more = n >= 64;
        int by = n & 63;
        c.load(more ? far : near);
        shift(by, n == 128, left);
        if (!more && by > 0) {
            c.load(far);
            shift(64 - by, false, !left);
            c.b.lor();
        }
        c.store(near);
        c.load(far);
        shift(by, more, left);
        c.store(far);
    }

    private void shift(int by, boolean out, boolean left) {
        if (out) {
            c.b.pop2().lconst_0();
        } else if (by > 0) {
            c.constant(by);
            if (left) {
                c.b.lshl();
            } else {
                c.b.lushr();
            }
        }
    }
}
