package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.mmu.Tlb;

/** BT, BTS, BTR, BTC of a bit string in memory: the bit's unit is looked up first, so that the host's instruction stays inside what was checked. */
final class BitStrings {
    private final BlockEmitter e;
    private final Assembler a;
    private final MemoryAccess memory;

    BitStrings(BlockEmitter e, MemoryAccess memory) {
        this.e = e;
        a = e.a;
        this.memory = memory;
    }

    static boolean bit(Insn i) { return i.op == Opcode.BT || i.op == Opcode.BTS || i.op == Opcode.BTR || i.op == Opcode.BTC; }

    static boolean takes(Insn i) { return bit(i) && i.mem == 0 && i.k1 == Insn.GPR && i.mode == Insn.MODE_64 && i.asz == 8 && (!i.lock || i.row.lockable); }

    void emit(Insn i, int k, int nextOff) {
        int size = i.size, log = Integer.numberOfTrailingZeros(size);
        e.flags.clobber();
        memory.address(i, nextOff);
        // the segment's base brings R11 into play, so it comes first
        memory.segment(i);
        index(i, size);
        a.shiftArithmetic(R11, 3 + log);
        a.lea(R10, R10, R11, log, 0);
        memory.check(size, i.op == Opcode.BT ? Tlb.READ : Tlb.WRITE, k);
        if (i.lock) {
            // CL-like masking is the register form's only
            index(i, size);
            a.alu(4, false, R11, 8 * size - 1);
            a.mov(R9, R10);
            e.bringFlags();
            a.b(0xf0);
            operation(i, R11, R9, true);
            return;
        }
        a.mov(R9, R10);
        e.bringFlags();
        index(i, size);
        prefixed(size, 0x8b, R10, R9, true);
        operation(i, R11, R10, false);
        if (i.op != Opcode.BT) {
            prefixed(size, 0x89, R10, R9, true);
        }
    }

    /** R11 = the bit's number, sign-extended; flags are kept. */
    private void index(Insn i, int size) {
        int h = memory.register(i.r1, R11);
        if (size == 8) {
            if (h != R11) {
                a.mov(R11, h);
            }
        } else if (size == 4) {
            // MOVSXD
            a.rr(true, 0x63, R11, h);
        } else {
            a.rr(true, 0x0fbf, R11, h);
        }
    }

    /** The guest's own operation on register or memory {@code rm}. */
    private void operation(Insn i, int bit, int rm, boolean inMemory) {
        prefixed(i.size, 0x0f00 | i.opcode & 0xff, bit, rm, inMemory);
    }

    private void prefixed(int size, int opcode, int reg, int rm, boolean inMemory) {
        if (size == 2) {
            a.b(0x66);
        }
        if (inMemory) {
            a.rm(size == 8, opcode, reg, rm, 0);
        } else {
            a.rr(size == 8, opcode, reg, rm);
        }
    }
}
