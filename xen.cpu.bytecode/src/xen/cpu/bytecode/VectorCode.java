package xen.cpu.bytecode;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.mmu.Tlb;

/** Writes SSE instructions: moves itself. */
final class VectorCode extends VectorForms {
    private final VectorIntegers integers;
    private final VectorFloats floats;

    VectorCode(Code c, FlagCode flags, Memory memory) {
        super(c, memory);
        integers = new VectorIntegers(c, memory);
        floats = new VectorFloats(c, flags, memory);
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
                    PSUBQ, ADDSD, SUBSD, MULSD, DIVSD, SQRTSD, ADDSS, SUBSS, MULSS, DIVSS, ADDPD, SUBPD,
                    MULPD, DIVPD, UCOMISD, COMISD, CVTSI2SD, CVTTSD2SI -> i.k0 != Insn.IMM && i.k1 != Insn.IMM;
            case PUNPCKLBW, PUNPCKLWD, PUNPCKLDQ, PUNPCKHBW, PUNPCKHWD, PUNPCKHDQ,
                    PUNPCKHQDQ, UNPCKHPD, PACKUSWB, PSHUFD -> i.k0 == Insn.XMM && (i.k1 == Insn.XMM || i.mem == 1);
            case PSLLW, PSLLD, PSLLQ, PSRLW, PSRLD, PSRLQ, PSRAW, PSRAD, PSLLDQ, PSRLDQ -> i.k1 == Insn.IMM;
            case PMOVMSKB -> i.k1 == Insn.XMM;
            default -> VectorIntegers.lanewise(i) && i.k0 == Insn.XMM && (i.k1 == Insn.XMM || i.mem == 1);
        };
    }

    void emit(Insn i) {
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
            case PUNPCKHQDQ, UNPCKHPD -> {
                both(i);
                copy(high(i.r0), low(i.r0));
                copy(Code.U, high(i.r0));
            }
            case ADDSD, SUBSD, MULSD, DIVSD, SQRTSD, ADDSS, SUBSS, MULSS, DIVSS, ADDPD, SUBPD, MULPD, DIVPD, UCOMISD, COMISD, CVTSI2SD,
                    CVTTSD2SI -> floats.emit(i);
            default -> integers.emit(i);
        }
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
}
