package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.mmu.Tlb;

/** DIV and IDIV of 4 and 8 bytes whose quotient fits for certain; the others, and a zero divisor, are tier 0's. Which flags change is the host's. */
final class Division {
    private final BlockEmitter e;
    private final Assembler a;
    private final MemoryAccess memory;
    private final Exits exits;

    Division(BlockEmitter e, MemoryAccess memory, Exits exits) {
        this.e = e;
        a = e.a;
        this.memory = memory;
        this.exits = exits;
    }

    static boolean takes(Insn i) { return (i.op == Opcode.DIV || i.op == Opcode.IDIV) && i.size >= 4 && (i.k0 == Insn.GPR || i.k0 == Insn.MEM && i.asz == 8); }

    void emit(Insn i, int k, int off) {
        e.flags.clobber();
        boolean w = i.size == 8;
        int divisor;
        if (i.mem >= 0) {
            memory.address(i, off);
            memory.segment(i);
            memory.check(i.size, Tlb.READ, k);
            // from a copy: another CPU may change what was checked
            a.rm(w, 0x8b, R11, R10, 0);
            divisor = R11;
        } else {
            divisor = memory.register(i.r0, R11);
        }
        if (i.op == Opcode.DIV) {
            a.rr(w, 0x3b, RDX, divisor);
            exits.when(AE, k);
        } else {
            // a dividend as CQO or CDQ leaves it, a divisor that is neither 0 nor -1
            a.rr(w, 0x8b, R10, RAX);
            a.shift(7, w, R10, w ? 63 : 31);
            a.rr(w, 0x3b, R10, RDX);
            exits.when(NE, k);
            a.lea(R10, divisor, -1, 0, 1);
            a.alu(4, w, R10, -2);
            exits.when(E, k);
        }
        e.flags.restore();
        a.rr(w, 0xf7, i.op == Opcode.DIV ? 6 : 7, divisor);
        e.flags.written();
    }
}
