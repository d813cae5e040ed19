package xen.cpu.bytecode;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.mmu.Tlb;

/** How vector instructions reach their operands. The XMM registers are two locals each. */
abstract class VectorForms {
    final Code c;
    final Memory memory;

    VectorForms(Code c, Memory memory) {
        this.c = c;
        this.memory = memory;
    }

    static int low(int x) { return Code.low(x); }

    static int high(int x) { return Code.high(x); }

    /** The half at byte {@code n}. */
    static int half(int x, int n) { return n == 0 ? low(x) : high(x); }

    void fromMemory(int offset) {
        c.plus(Code.HOST, offset);
        c.get64();
    }

    void copy(int from, int to) {
        c.load(from);
        c.store(to);
    }

    /** Pops a value into the low {@code size} bytes of a register. */
    void merge(int x, int size) {
        if (size == 4) {
            c.unsigned(4);
            c.load(low(x));
            c.constant(~0xffff_ffffL);
            c.b.land().lor();
        }
        c.store(low(x));
    }

    /** Pushes the low part of operand 1, zero-extended. */
    void source(Insn i, int size) {
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

    /** Operand 1, all of it, into T and U. */
    void both(Insn i) {
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
}
