package xen.cpu.bytecode;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** Writes floating point. Results that are not plain numbers come back from {@link Scalar} as a mark, and tier 0 does the instruction. */
final class VectorFloats extends VectorForms {
    private final FlagCode flags;

    VectorFloats(Code c, FlagCode flags, Memory memory) {
        super(c, memory);
        this.flags = flags;
    }

    void emit(Insn i) {
        switch (i.op) {
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

    private void helper(String name, String descriptor) { c.helper(Scalar.class, name, descriptor); }

    private void mxcsr() {
        c.plus(Code.FILE, VcpuContext.MXCSR);
        c.helper(Raw.class, "get32", "(J)I");
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
