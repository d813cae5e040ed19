package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.VcpuContext;

/** Emits the way from a guest's memory operand to a host address in R10: address, segment base, TLB check. The argument of docs/isolation.md. */
final class MemoryAccess {
    private final Assembler a;
    private final Exits exits;

    MemoryAccess(Assembler a, Exits exits) {
        this.a = a;
        this.exits = exits;
    }

    /** Effective address into R10; clobbers R11 only when the address uses slot registers. Flags are kept until {@link #check}. */
    void address(Insn i, int nextOff) {
        int disp = (int) i.disp;
        if (i.ripRelative) {
            a.load(R10, RSP, Frame.PAGE);
            a.lea(R10, R10, -1, 0, disp + nextOff);
        } else {
            int b = i.base < 0 ? -1 : register(i.base, R10), x = i.index < 0 ? -1 : register(i.index, R11);
            if (b < 0 && x < 0) {
                a.movImm(R10, i.disp);
            } else if (b < 0) {
                a.leaIndex(R10, x, i.scale, disp);
            } else {
                a.lea(R10, b, x, i.scale, disp);
            }
        }
    }

    /** FS or GS: the others have no base in 64-bit mode. */
    static boolean hasBase(Insn i) { return i.seg == VcpuContext.FS || i.seg == VcpuContext.GS; }

    /** Adds the FS or GS base to R10; destroys host flags. */
    void segment(Insn i) {
        if (hasBase(i)) {
            a.load(R11, RSP, Frame.FILE);
            a.rm(true, 0x03, R10, R11, i.seg == VcpuContext.FS ? VcpuContext.FS_BASE : VcpuContext.GS_BASE);
        }
    }

    /** Turns the linear address in R10 into a host address, or leaves to tier 0 in front of instruction {@code k}. Flags are lost. */
    void check(int size, int access, int k) {
        a.mov(R11, R10);
        a.shiftRight(true, R11, Tlb.INDEX_SHIFT);
        a.alu(4, false, R11, Tlb.INDEX_MASK);
        a.rm(true, 0x03, R11, RSP, Frame.TLB);
        a.lea(R9, R10, -1, 0, size - 1);
        a.alu(4, true, R9, -4096);
        a.rm(true, 0x0b, R9, RSP, Frame.TAG);
        a.rm(true, 0x3b, R9, R11, access);
        exits.walk(access, k);
        a.rm(true, 0x03, R10, R11, Tlb.ADDEND);
    }

    void checkAlignment(int mask, int k) {
        a.b(0x41);
        a.b(0xf6);
        a.b(0xc2);
        a.b(mask);
        exits.when(NE, k);
    }

    /** Host register that holds guest register {@code g}: its own, or {@code scratch} loaded from the slot. */
    int register(int g, int scratch) {
        int h = Frame.host(g);
        if (h >= 0) {
            return h;
        }
        a.load(scratch, RSP, Frame.slot(g));
        return scratch;
    }
}
