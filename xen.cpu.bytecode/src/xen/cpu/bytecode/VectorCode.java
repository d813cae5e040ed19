package xen.cpu.bytecode;

import java.lang.classfile.Label;
import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.VcpuContext;

/**
 * Writes SSE moves, logic and scalar arithmetic. The XMM registers are two locals each. Scalar results that are not plain numbers
 * come back from {@link Scalar} as a mark, and tier 0 does the instruction.
 */
final class VectorCode {
    private final Code c;
    private final FlagCode flags;
    private final Memory memory;

    VectorCode(Code c, FlagCode flags, Memory memory) {
        this.c = c;
        this.flags = flags;
        this.memory = memory;
    }

    static boolean supported(Insn i) {
        if (i.vex || i.mem >= 0 && i.asz != 8) {
            return false;
        }
        for (int o = 0; o < i.operands; o++) {
            int k = i.kind(o);
            if (k != Insn.XMM && k != Insn.MEM && k != Insn.GPR && k != Insn.IMM) {
                return false;
            }
        }
        return switch (i.op) {
            case MOVAPS, MOVAPD, MOVDQA, MOVUPS, MOVUPD, MOVDQU, LDDQU, MOVSD, MOVSS, MOVQ, MOVD, MOVLPS, MOVLPD, MOVHPS, MOVHPD, MOVHLPS,
                    MOVLHPS, UNPCKLPD, PUNPCKLQDQ, MOVDDUP, PXOR, XORPS, XORPD, POR, ORPS, ORPD, PAND, ANDPS, ANDPD, PANDN, ANDNPS, ANDNPD, PADDQ,
                    PSUBQ, PADDD, PSUBD, PADDB, PSUBB, PCMPEQB, ADDSD, SUBSD, MULSD, DIVSD, SQRTSD, ADDSS, SUBSS, MULSS, DIVSS, ADDPD, SUBPD,
                    MULPD, DIVPD, UCOMISD, COMISD, CVTSI2SD, CVTTSD2SI -> i.k0 != Insn.IMM && i.k1 != Insn.IMM;
            case PADDW, PSUBW, PCMPEQW, PCMPEQD, PMINUB, PMAXUB, PMULUDQ, PUNPCKLBW, PUNPCKLWD, PUNPCKLDQ, PUNPCKHBW, PUNPCKHWD, PUNPCKHDQ,
                    PUNPCKHQDQ, UNPCKHPD, PACKUSWB, PSHUFD -> i.k0 == Insn.XMM && (i.k1 == Insn.XMM || i.mem == 1);
            case PSLLW, PSLLD, PSLLQ, PSRLW, PSRLD, PSRLQ, PSRAW, PSRAD, PSLLDQ, PSRLDQ -> i.k1 == Insn.IMM;
            case PMOVMSKB -> i.k1 == Insn.XMM;
            default -> false;
        };
    }

    private static int low(int x) { return Code.low(x); }

    private static int high(int x) { return Code.high(x); }

    /** The half at byte {@code n}. */
    private static int half(int x, int n) { return n == 0 ? low(x) : high(x); }

    void emit(Insn i, int k) {
        switch (i.op) {
            case MOVAPS, MOVAPD, MOVDQA -> whole(i, true);
            case MOVUPS, MOVUPD, MOVDQU, LDDQU -> whole(i, false);
            case MOVSD -> scalar(i, 8);
            case MOVSS -> scalar(i, 4);
            case MOVQ -> quad(i, 8);
            case MOVD -> quad(i, i.k0 == Insn.XMM ? i.s1 : i.s0);
            case MOVLPS, MOVLPD -> half(i, 0);
            case MOVHPS, MOVHPD -> half(i, 8);
            case MOVHLPS -> copy(high(i.r1), low(i.r0));
            case MOVLHPS -> copy(low(i.r1), high(i.r0));
            case UNPCKLPD, PUNPCKLQDQ -> {
                if (i.mem >= 0) {
                    memory.operand(i, Tlb.READ, 16, true);
                    fromMemory(0);
                    c.store(high(i.r0));
                    c.order();
                } else {
                    copy(low(i.r1), high(i.r0));
                }
            }
            case MOVDDUP -> {
                source(i, 8);
                c.store(Code.T);
                c.load(Code.T);
                c.store(low(i.r0));
                c.load(Code.T);
                c.store(high(i.r0));
            }
            case PXOR, XORPS, XORPD -> lanes(i, () -> c.b.lxor());
            case POR, ORPS, ORPD -> lanes(i, () -> c.b.lor());
            case PAND, ANDPS, ANDPD -> lanes(i, () -> c.b.land());
            case PANDN, ANDNPS, ANDNPD -> lanes(i, () -> lane("andNot"));
            case PADDQ -> lanes(i, () -> c.b.ladd());
            case PSUBQ -> lanes(i, () -> c.b.lsub());
            case PADDD -> lanes(i, () -> lane("addDwords"));
            case PSUBD -> lanes(i, () -> lane("subtractDwords"));
            case PADDB -> lanes(i, () -> lane("addBytes"));
            case PSUBB -> lanes(i, () -> lane("subtractBytes"));
            case PCMPEQB -> lanes(i, () -> lane("equalBytes"));
            case PADDW -> lanes(i, () -> lane("addWords"));
            case PSUBW -> lanes(i, () -> lane("subtractWords"));
            case PCMPEQW -> lanes(i, () -> lane("equalWords"));
            case PCMPEQD -> lanes(i, () -> lane("equalDwords"));
            case PMINUB -> lanes(i, () -> lane("minBytes"));
            case PMAXUB -> lanes(i, () -> lane("maxBytes"));
            case PMULUDQ -> lanes(i, () -> lane("multiplyDwords"));
            case PUNPCKLBW -> interleave(i, 0, "interleaveBytes");
            case PUNPCKLWD -> interleave(i, 0, "interleaveWords");
            case PUNPCKLDQ -> interleave(i, 0, "interleaveDwords");
            case PUNPCKHBW -> interleave(i, 8, "interleaveBytes");
            case PUNPCKHWD -> interleave(i, 8, "interleaveWords");
            case PUNPCKHDQ -> interleave(i, 8, "interleaveDwords");
            case PUNPCKHQDQ, UNPCKHPD -> {
                both(i);
                copy(high(i.r0), low(i.r0));
                copy(Code.U, high(i.r0));
            }
            case PACKUSWB -> {
                both(i);
                pack(i, low(i.r0), high(i.r0), low(i.r0));
                pack(i, Code.T, Code.U, high(i.r0));
            }
            case PSHUFD -> {
                both(i);
                shuffle(i.imm & 15, low(i.r0));
                shuffle(i.imm >> 4 & 15, high(i.r0));
            }
            case PSLLW, PSLLD, PSLLQ, PSRLW, PSRLD, PSRLQ, PSRAW, PSRAD -> shift(i);
            case PSLLDQ -> bytes(i, high(i.r0), low(i.r0), true);
            case PSRLDQ -> bytes(i, low(i.r0), high(i.r0), false);
            case PMOVMSKB -> {
                c.load(low(i.r1));
                c.load(high(i.r1));
                lane("mask");
                c.store(Code.gpr(i.r0));
            }
            case ADDSD -> binary(i, "add", 8, false);
            case SUBSD -> binary(i, "subtract", 8, false);
            case MULSD -> binary(i, "multiply", 8, false);
            case DIVSD -> binary(i, "divide", 8, false);
            case ADDSS -> binary(i, "addSingle", 4, false);
            case SUBSS -> binary(i, "subtractSingle", 4, false);
            case MULSS -> binary(i, "multiplySingle", 4, false);
            case DIVSS -> binary(i, "divideSingle", 4, false);
            case ADDPD -> binary(i, "add", 8, true);
            case SUBPD -> binary(i, "subtract", 8, true);
            case MULPD -> binary(i, "multiply", 8, true);
            case DIVPD -> binary(i, "divide", 8, true);
            case SQRTSD -> {
                source(i, 8);
                mxcsr();
                helper("root", "(JI)J");
                c.store(Code.T);
                plain(Code.T);
                c.load(Code.T);
                c.store(low(i.r0));
            }
            case UCOMISD, COMISD -> compare(i);
            case CVTSI2SD -> {
                source(i, i.s1);
                c.signed(i.s1);
                mxcsr();
                helper("fromInteger", "(JI)J");
                c.store(Code.T);
                plain(Code.T);
                c.load(Code.T);
                c.store(low(i.r0));
            }
            default -> {
                source(i, 8);
                mxcsr();
                c.constant(i.size);
                helper("toInteger", "(JII)J");
                c.store(Code.T);
                // no integer of 32 bits, and of 64 one that means overflow anyway
                c.load(Code.T);
                c.constant(Long.MIN_VALUE);
                c.b.lcmp().ifeq(memory.exit());
                c.load(Code.T);
                c.unsigned(i.size);
                c.store(Code.gpr(i.r0));
            }
        }
    }

    private void lane(String name) { c.helper(Lanes.class, name, "(JJ)J"); }

    /** Operand 1, all of it, into T and U. */
    private void both(Insn i) {
        if (i.mem >= 0) {
            memory.operand(i, Tlb.READ, 16, true);
            fromMemory(0);
            c.store(Code.T);
            fromMemory(8);
            c.store(Code.U);
            c.order();
        } else {
            copy(low(i.r1), Code.T);
            copy(high(i.r1), Code.U);
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

    private void pack(Insn i, int a, int b, int to) {
        c.load(a);
        c.load(b);
        lane("pack");
        c.store(to);
    }

    /** Two doublewords of T and U, two bits of order each. */
    private void shuffle(long order, int to) {
        c.load(Code.T);
        c.load(Code.U);
        c.constant((int) order);
        c.helper(Lanes.class, "choose", "(JJI)J");
        c.store(to);
    }

    private void shift(Insn i) {
        boolean left = i.op == Opcode.PSLLW || i.op == Opcode.PSLLD || i.op == Opcode.PSLLQ, arithmetic = i.op == Opcode.PSRAW || i.op == Opcode.PSRAD;
        int bits = switch (i.op) {
            case PSLLW, PSRLW, PSRAW -> 16;
            case PSLLD, PSRLD, PSRAD -> 32;
            default -> 64;
        };
        for (int n = 0; n < 16; n += 8) {
            c.load(half(i.r0, n));
            c.constant((int) i.imm & 0xff);
            c.constant(bits);
            c.helper(Lanes.class, left ? "left" : arithmetic ? "rightSigned" : "right", "(JII)J");
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

    private void helper(String name, String descriptor) { c.helper(Scalar.class, name, descriptor); }

    private void mxcsr() {
        c.plus(Code.FILE, VcpuContext.MXCSR);
        c.helper(xen.kernel.api.hw.Raw.class, "get32", "(J)I");
    }

    // Moves

    private void fromMemory(int offset) {
        c.plus(Code.HOST, offset);
        c.get64();
    }

    private void copy(int from, int to) {
        c.load(from);
        c.store(to);
    }

    /** Pops a value into the low {@code size} bytes of a register. */
    private void merge(int x, int size) {
        if (size == 4) {
            c.unsigned(4);
            c.load(low(x));
            c.constant(~0xffff_ffffL);
            c.b.land().lor();
        }
        c.store(low(x));
    }

    private void whole(Insn i, boolean aligned) {
        if (i.mem < 0) {
            copy(low(i.r1), low(i.r0));
            copy(high(i.r1), high(i.r0));
            return;
        }
        memory.operand(i, i.mem == 0 ? Tlb.WRITE : Tlb.READ, 16, aligned);
        if (i.mem == 0) {
            for (int n = 0; n < 16; n += 8) {
                c.plus(Code.HOST, n);
                c.load(half(i.r1, n));
                c.put64();
            }
        } else {
            fromMemory(0);
            c.store(low(i.r0));
            fromMemory(8);
            c.store(high(i.r0));
        }
        c.order();
    }

    /** MOVSD, MOVSS. */
    private void scalar(Insn i, int size) {
        if (i.mem == 0) {
            memory.operand(i, Tlb.WRITE, size, false);
            c.load(Code.HOST);
            c.load(low(i.r1));
            c.put(size);
        } else if (i.mem > 0) {
            memory.operand(i, Tlb.READ, size, false);
            c.load(Code.HOST);
            c.get(size, false);
            c.store(low(i.r0));
            c.b.lconst_0();
            c.store(high(i.r0));
        } else {
            c.load(low(i.r1));
            merge(i.r0, size);
            return;
        }
        c.order();
    }

    /** MOVQ, MOVD: the rest of an XMM destination becomes 0. */
    private void quad(Insn i, int size) {
        if (i.k0 == Insn.XMM) {
            source(i, size);
            c.store(low(i.r0));
            c.b.lconst_0();
            c.store(high(i.r0));
        } else if (i.mem == 0) {
            memory.operand(i, Tlb.WRITE, size, false);
            c.load(Code.HOST);
            c.load(low(i.r1));
            c.put(size);
            c.order();
        } else {
            c.load(low(i.r1));
            c.unsigned(size);
            c.store(Code.gpr(i.r0));
        }
    }

    private void half(Insn i, int part) {
        if (i.mem == 0) {
            memory.operand(i, Tlb.WRITE, 8, false);
            c.load(Code.HOST);
            c.load(half(i.r1, part));
            c.put64();
        } else {
            memory.operand(i, Tlb.READ, 8, false);
            fromMemory(0);
            c.store(half(i.r0, part));
        }
        c.order();
    }

    /** Pushes the low part of operand 1, zero-extended. */
    private void source(Insn i, int size) {
        if (i.mem >= 0) {
            memory.operand(i, Tlb.READ, size, false);
            c.load(Code.HOST);
            c.get(size, false);
            c.order();
        } else if (i.k1 == Insn.GPR) {
            c.load(Code.gpr(i.r1));
            c.unsigned(size);
        } else {
            c.load(low(i.r1));
            c.unsigned(size);
        }
    }

    // Arithmetic

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

    private void binary(Insn i, String helper, int size, boolean packed) {
        if (i.mem >= 0) {
            memory.operand(i, Tlb.READ, packed ? 16 : size, packed);
        }
        one(i, helper, size, 0, Code.T);
        if (packed) {
            one(i, helper, size, 8, Code.U);
            c.load(Code.U);
                c.store(high(i.r0));
        }
        c.load(Code.T);
        merge(i.r0, size);
        if (i.mem >= 0) {
            c.order();
        }
    }

    /** One element into a local, or out. */
    private void one(Insn i, String helper, int size, int part, int local) {
        c.load(half(i.r0, part));
        if (i.mem >= 0) {
            c.plus(Code.HOST, part);
            c.get(size, false);
        } else {
            c.load(half(i.r1, part));
        }
        mxcsr();
        helper(helper, "(JJI)J");
        c.store(local);
        plain(local);
    }

    /** Leaves when the result is the mark. */
    private void plain(int local) {
        c.load(local);
        c.constant(Scalar.NOT_PLAIN);
        c.b.lcmp().ifeq(memory.exit());
    }

    private void compare(Insn i) {
        source(i, 8);
        c.store(Code.U);
        c.load(low(i.r0));
        c.load(Code.U);
        helper("compare", "(JJ)J");
        c.store(Code.T);
        plain(Code.T);
        c.load(Code.T);
        flags.raw();
    }
}
