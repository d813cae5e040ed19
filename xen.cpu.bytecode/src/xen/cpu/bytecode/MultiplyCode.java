package xen.cpu.bytecode;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.VcpuContext;

/** Writes multiplications and divisions; a division that is not simple is tier 0's. */
final class MultiplyCode {
    private static final int RAX = Code.gpr(VcpuContext.RAX), RDX = Code.gpr(VcpuContext.RDX);

    private final Code c;
    private final FlagCode flags;
    private final Memory memory;
    private final IntegerCode operands;

    MultiplyCode(Code c, FlagCode flags, Memory memory, IntegerCode operands) {
        this.c = c;
        this.flags = flags;
        this.memory = memory;
        this.operands = operands;
    }

    void emit(Insn i, boolean dead) {
        if (i.mem >= 0) {
            memory.operand(i, Tlb.READ);
        }
        switch (i.op) {
            case DIV -> divide(i, dead);
            case IDIV -> divideSigned(i, dead);
            default -> {
                if (i.operands == 1) {
                    wide(i, i.op == Opcode.IMUL, dead);
                } else {
                    truncated(i, dead);
                }
            }
        }
    }

    private void truncated(Insn i, boolean dead) {
        int first = i.operands == 2 ? 0 : 1;
        operands.read(i, first, true);
        operands.read(i, first + 1, true);
        if (dead) {
            c.b.lmul();
            operands.write(i, 0);
            return;
        }
        c.store(Code.U);
        c.store(Code.T);
        c.load(Code.T);
        c.load(Code.U);
        c.b.lmul();
        c.store(Code.VA);
        flags.change("product", "J", () -> {
            // not 0: something was lost
            if (i.size == 8) {
                c.load(Code.T);
                c.load(Code.U);
                c.math("multiplyHigh", "(JJ)J");
                c.load(Code.VA);
                c.b.bipush(63).lshr();
            } else {
                c.load(Code.VA);
                c.load(Code.VA);
                c.signed(i.size);
            }
            c.b.lxor();
        });
        c.load(Code.VA);
        operands.write(i, 0);
    }

    /** The accumulator times the operand into rDX:rAX. */
    private void wide(Insn i, boolean signed, boolean dead) {
        operands.read(i, 0, signed);
        c.store(Code.U);
        c.load(RAX);
        if (signed) {
            c.signed(i.size);
        } else {
            c.unsigned(i.size);
        }
        c.store(Code.T);
        c.load(Code.T);
        c.load(Code.U);
        c.b.lmul();
        c.store(Code.VA);
        if (i.size == 8) {
            c.load(Code.T);
            c.load(Code.U);
            c.math(signed ? "multiplyHigh" : "unsignedMultiplyHigh", "(JJ)J");
        } else {
            c.load(Code.VA);
            c.b.bipush(32);
            if (signed) {
                c.b.lshr();
            } else {
                c.b.lushr();
            }
        }
        c.store(Code.T);
        c.load(Code.VA);
        operands.register(VcpuContext.RAX, i.size);
        c.load(Code.T);
        operands.register(VcpuContext.RDX, i.size);
        if (!dead) {
            flags.change("product", "J", () -> {
                c.load(Code.T);
                if (signed) {
                    c.load(Code.VA);
                    c.signed(i.size);
                    c.b.bipush(63).lshr().lxor();
                }
            });
        }
    }

    /** 64 bits only with a zero upper half, which is what compilers do. */
    private void divide(Insn i, boolean dead) {
        operands.read(i, 0, false);
        c.store(Code.U);
        if (i.size == 8) {
            c.load(RDX);
            c.b.lconst_0().lcmp().ifne(memory.exit());
            c.load(Code.U);
            c.b.lconst_0().lcmp().ifeq(memory.exit());
            c.load(RAX);
        } else {
            // a quotient of 32 bits, and no zero divisor
            c.load(RDX);
            c.unsigned(4);
            c.load(Code.U);
            c.b.lcmp().ifge(memory.exit());
            dividend();
        }
        c.store(Code.T);
        c.load(Code.T);
        c.load(Code.U);
        c.longs("divideUnsigned", "(JJ)J");
        result(i, dead);
    }

    private void divideSigned(Insn i, boolean dead) {
        operands.read(i, 0, true);
        c.store(Code.U);
        c.load(Code.U);
        c.b.lconst_0().lcmp().ifeq(memory.exit());
        if (i.size == 8) {
            c.load(RDX);
            c.load(RAX);
            c.b.bipush(63).lshr().lcmp().ifne(memory.exit());
            // the smallest dividend by -1
            c.load(Code.U);
            c.constant(-1L);
            c.b.lcmp().ifeq(memory.exit());
            c.load(RAX);
        } else {
            dividend();
        }
        c.store(Code.T);
        c.load(Code.T);
        c.load(Code.U);
        c.b.ldiv();
        if (i.size == 4) {
            c.b.dup2();
            c.store(Code.VA);
            c.load(Code.VA);
            c.signed(4);
            c.b.lcmp().ifne(memory.exit());
            c.load(Code.VA);
        }
        result(i, dead);
    }

    private void dividend() {
        c.load(RDX);
        c.b.bipush(32).lshl();
        c.load(RAX);
        c.unsigned(4);
        c.b.lor();
    }

    /** Quotient on the stack, dividend in T, divisor in U. */
    private void result(Insn i, boolean dead) {
        c.store(Code.VA);
        c.load(Code.T);
        c.load(Code.VA);
        c.load(Code.U);
        c.b.lmul().lsub();
        operands.register(VcpuContext.RDX, i.size);
        c.load(Code.VA);
        operands.register(VcpuContext.RAX, i.size);
        if (!dead) {
            flags.change("quotient", "", () -> { });
        }
    }
}
