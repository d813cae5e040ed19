package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.VcpuContext;

/** PUSH, POP, LEAVE, and the stack accesses of CALL and RET. */
final class StackOps {
    private final BlockEmitter e;
    private final Assembler a;
    private final MemoryAccess memory;

    StackOps(BlockEmitter e, MemoryAccess memory) {
        this.e = e;
        a = e.a;
        this.memory = memory;
    }

    static boolean takes(Insn i) {
        return switch (i.op) {
            case PUSH -> i.osz == 8 && (i.k0 == Insn.GPR || i.k0 == Insn.IMM || i.k0 == Insn.MEM && i.asz == 8);
            case POP -> i.osz == 8 && i.k0 == Insn.GPR && i.r0 != VcpuContext.RSP;
            case LEAVE -> i.osz == 8;
            default -> false;
        };
    }

    void emit(Insn i, int k, int off) {
        switch (i.op) {
            case PUSH -> push(i, k, off);
            case POP -> {
                read(k, 0);
                loadTo(i.r0, R10, 0);
                a.lea(Frame.GUEST_RSP, Frame.GUEST_RSP, -1, 0, 8);
            }
            default -> {
                e.flags.clobber();
                a.mov(R10, RBP);
                memory.check(8, Tlb.READ, k);
                a.lea(Frame.GUEST_RSP, RBP, -1, 0, 8);
                a.load(RBP, R10, 0);
            }
        }
    }

    private void loadTo(int g, int base, int disp) {
        int h = Frame.host(g);
        if (h >= 0) {
            a.load(h, base, disp);
        } else {
            a.load(R11, base, disp);
            a.store(RSP, Frame.slot(g), R11);
        }
    }

    /** R10 = host address of the 8 bytes at RSP + disp. */
    void read(int k, int disp) {
        e.flags.clobber();
        a.lea(R10, Frame.GUEST_RSP, -1, 0, disp);
        memory.check(8, Tlb.READ, k);
    }

    /** R10 = host address of the 8 bytes below RSP. */
    void write(int k) {
        e.flags.clobber();
        a.lea(R10, Frame.GUEST_RSP, -1, 0, -8);
        memory.check(8, Tlb.WRITE, k);
    }

    private void push(Insn i, int k, int off) {
        if (i.k0 == Insn.MEM) {
            e.flags.clobber();
            memory.address(i, off);
            memory.segment(i);
            memory.check(8, Tlb.READ, k);
            a.load(R10, R10, 0);
            a.store(RSP, Frame.TARGET, R10);
        }
        write(k);
        if (i.k0 == Insn.GPR) {
            a.store(R10, 0, memory.register(i.r0, R11));
        } else if (i.k0 == Insn.IMM) {
            a.movImm(R11, i.imm);
            a.store(R10, 0, R11);
        } else {
            a.load(R11, RSP, Frame.TARGET);
            a.store(R10, 0, R11);
        }
        a.lea(Frame.GUEST_RSP, Frame.GUEST_RSP, -1, 0, -8);
    }
}
