package xen.cpu.bytecode;

import java.lang.classfile.Label;
import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.VcpuContext;

/**
 * Writes SSE moves, logic and scalar arithmetic. The XMM registers stay in the register file. Scalar results that are not plain numbers
 * come back from {@link Scalar} as a mark, and tier 0 does the instruction.
 */
final class VectorCode {
    private final Code c;
    private final FlagCode flags;
    private final Memory memory;
    private final RegionWriter region;

    VectorCode(Code c, FlagCode flags, Memory memory, RegionWriter region) {
        this.c = c;
        this.flags = flags;
        this.memory = memory;
        this.region = region;
    }

    static boolean supported(Insn i) {
        if (i.vex || i.mem >= 0 && i.asz != 8) {
            return false;
        }
        for (int o = 0; o < i.operands; o++) {
            int k = i.kind(o);
            if (k != Insn.XMM && k != Insn.MEM && k != Insn.GPR) {
                return false;
            }
        }
        return switch (i.op) {
            case MOVAPS, MOVAPD, MOVDQA, MOVUPS, MOVUPD, MOVDQU, LDDQU, MOVSD, MOVSS, MOVQ, MOVD, MOVLPS, MOVLPD, MOVHPS, MOVHPD, MOVHLPS,
                    MOVLHPS, UNPCKLPD, PUNPCKLQDQ, MOVDDUP, PXOR, XORPS, XORPD, POR, ORPS, ORPD, PAND, ANDPS, ANDPD, PANDN, ANDNPS, ANDNPD, PADDQ,
                    PSUBQ, PADDD, PSUBD, PADDB, PSUBB, PCMPEQB, ADDSD, SUBSD, MULSD, DIVSD, SQRTSD, ADDSS, SUBSS, MULSS, DIVSS, ADDPD, SUBPD,
                    MULPD, DIVPD, UCOMISD, COMISD, CVTSI2SD, CVTTSD2SI -> true;
            case PMOVMSKB -> i.k1 == Insn.XMM;
            default -> false;
        };
    }

    private static long low(int x) { return VcpuContext.VEC + (long) VcpuContext.VEC_STRIDE * x; }

    private static long high(int x) { return low(x) + 8; }

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
                    toRegister(high(i.r0));
                    c.order();
                } else {
                    copy(low(i.r1), high(i.r0));
                }
            }
            case MOVDDUP -> {
                source(i, 8);
                c.store(Code.T);
                set(low(i.r0), Code.T);
                set(high(i.r0), Code.T);
            }
            case PXOR, XORPS, XORPD -> lanes(i, () -> c.b.lxor());
            case POR, ORPS, ORPD -> lanes(i, () -> c.b.lor());
            case PAND, ANDPS, ANDPD -> lanes(i, () -> c.b.land());
            case PANDN, ANDNPS, ANDNPD -> lanes(i, () -> helper("andNot", "(JJ)J"));
            case PADDQ -> lanes(i, () -> c.b.ladd());
            case PSUBQ -> lanes(i, () -> c.b.lsub());
            case PADDD -> lanes(i, () -> helper("addDwords", "(JJ)J"));
            case PSUBD -> lanes(i, () -> helper("subtractDwords", "(JJ)J"));
            case PADDB -> lanes(i, () -> helper("addBytes", "(JJ)J"));
            case PSUBB -> lanes(i, () -> helper("subtractBytes", "(JJ)J"));
            case PCMPEQB -> lanes(i, () -> helper("equalBytes", "(JJ)J"));
            case PMOVMSKB -> {
                c.get64(Code.FILE, low(i.r1));
                c.get64(Code.FILE, high(i.r1));
                helper("mask", "(JJ)J");
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
                set(low(i.r0), Code.T);
            }
            case UCOMISD, COMISD -> compare(i);
            case CVTSI2SD -> {
                source(i, i.s1);
                c.signed(i.s1);
                mxcsr();
                helper("fromInteger", "(JI)J");
                c.store(Code.T);
                plain(Code.T);
                set(low(i.r0), Code.T);
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

    /** Pops a value into the register file. */
    private void toRegister(long slot) {
        c.store(Code.T);
        set(slot, Code.T);
    }

    private void set(long slot, int local) {
        c.plus(Code.FILE, slot);
        c.load(local);
        c.put64();
    }

    private void clear(long slot) {
        c.plus(Code.FILE, slot);
        c.b.lconst_0();
        c.put64();
    }

    private void copy(long from, long to) {
        c.get64(Code.FILE, from);
        toRegister(to);
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
                c.get64(Code.FILE, low(i.r1) + n);
                c.put64();
            }
        } else {
            fromMemory(0);
            toRegister(low(i.r0));
            fromMemory(8);
            toRegister(high(i.r0));
        }
        c.order();
    }

    /** MOVSD, MOVSS. */
    private void scalar(Insn i, int size) {
        if (i.mem == 0) {
            memory.operand(i, Tlb.WRITE, size, false);
            c.load(Code.HOST);
            c.get64(Code.FILE, low(i.r1));
            c.put(size);
        } else if (i.mem > 0) {
            memory.operand(i, Tlb.READ, size, false);
            c.load(Code.HOST);
            c.get(size, false);
            toRegister(low(i.r0));
            clear(high(i.r0));
        } else {
            c.plus(Code.FILE, low(i.r0));
            c.get64(Code.FILE, low(i.r1));
            c.put(size);
            return;
        }
        c.order();
    }

    /** MOVQ, MOVD: the rest of an XMM destination becomes 0. */
    private void quad(Insn i, int size) {
        if (i.k0 == Insn.XMM) {
            source(i, size);
            toRegister(low(i.r0));
            clear(high(i.r0));
        } else if (i.mem == 0) {
            memory.operand(i, Tlb.WRITE, size, false);
            c.load(Code.HOST);
            c.get64(Code.FILE, low(i.r1));
            c.put(size);
            c.order();
        } else {
            c.get64(Code.FILE, low(i.r1));
            c.unsigned(size);
            c.store(Code.gpr(i.r0));
        }
    }

    private void half(Insn i, int part) {
        if (i.mem == 0) {
            memory.operand(i, Tlb.WRITE, 8, false);
            c.load(Code.HOST);
            c.get64(Code.FILE, low(i.r1) + part);
            c.put64();
        } else {
            memory.operand(i, Tlb.READ, 8, false);
            fromMemory(0);
            toRegister(low(i.r0) + part);
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
            c.get64(Code.FILE, low(i.r1));
            c.unsigned(size);
        }
    }

    // Arithmetic

    private void lanes(Insn i, Runnable operation) {
        if (i.mem >= 0) {
            memory.operand(i, Tlb.READ, 16, true);
        }
        for (int n = 0; n < 16; n += 8) {
            c.get64(Code.FILE, low(i.r0) + n);
            if (i.mem >= 0) {
                fromMemory(n);
            } else {
                c.get64(Code.FILE, low(i.r1) + n);
            }
            operation.run();
            toRegister(low(i.r0) + n);
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
            set(high(i.r0), Code.U);
        }
        c.plus(Code.FILE, low(i.r0));
        c.load(Code.T);
        c.put(size);
        if (i.mem >= 0) {
            c.order();
        }
    }

    /** One element into a local, or out. */
    private void one(Insn i, String helper, int size, int part, int local) {
        c.get64(Code.FILE, low(i.r0) + part);
        if (i.mem >= 0) {
            c.plus(Code.HOST, part);
            c.get(size, false);
        } else {
            c.get64(Code.FILE, low(i.r1) + part);
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
        c.get64(Code.FILE, low(i.r0));
        c.load(Code.U);
        helper("compare", "(JJ)J");
        c.store(Code.T);
        plain(Code.T);
        c.load(Code.T);
        flags.raw();
    }
}
