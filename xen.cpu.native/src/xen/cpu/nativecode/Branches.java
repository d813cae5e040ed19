package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.engine.EngineFrame;
import xen.hw.x86smp.mmu.Tlb;

/** Ends of blocks: jumps, calls, returns, SYSCALL, and what goes on at a target in R10. A block's end saves the flags. */
final class Branches {
    private final Assembler a;
    private final FlagState flags;
    private final MemoryAccess memory;
    private final StackOps stack;
    private final StateOps state;
    private final Exits exits;

    Branches(BlockEmitter e, MemoryAccess memory, StackOps stack, StateOps state, Exits exits) {
        a = e.a;
        flags = e.flags;
        this.memory = memory;
        this.stack = stack;
        this.state = state;
        this.exits = exits;
    }

    static boolean takes(Insn i) {
        if (i.mode != Insn.MODE_64 || i.p66) {
            return false;
        }
        return switch (i.op) {
            case JMP, CALL -> i.k0 == Insn.REL || i.k0 == Insn.GPR && i.s0 == 8 || i.k0 == Insn.MEM && i.asz == 8;
            case RET, SYSCALL -> true;
            default -> Coverage.jcc(i) || StateOps.ends(i);
        };
    }

    /** @param off offset from the page of the instruction behind {@code i}, which is number {@code k} of its block */
    void emit(Insn i, int k, int off) {
        if (Coverage.jcc(i)) {
            flags.restore();
            flags.save();
            long taken = a.jcc(Coverage.condition(i));
            jump(off);
            patch(taken, a.at);
            jump(off + (int) i.imm);
            return;
        }
        flags.save();
        flags.clobber();
        switch (i.op) {
            case JMP -> {
                if (i.k0 == Insn.REL) {
                    jump(off + (int) i.imm);
                } else {
                    target(i, k, off);
                    indirect(k, 0);
                }
            }
            case CALL -> {
                if (i.k0 != Insn.REL) {
                    target(i, k, off);
                    checkCanonical(k);
                    a.store(RSP, Frame.TARGET, R10);
                }
                stack.write(k);
                a.load(R11, RSP, Frame.PAGE);
                a.lea(R11, R11, -1, 0, off);
                a.store(R10, 0, R11);
                if (i.k0 == Insn.REL) {
                    a.lea(Frame.GUEST_RSP, Frame.GUEST_RSP, -1, 0, -8);
                    jump(off + (int) i.imm);
                } else {
                    a.load(R10, RSP, Frame.TARGET);
                    a.lea(Frame.GUEST_RSP, Frame.GUEST_RSP, -1, 0, -8);
                    // done, not to be repeated: the push may have overwritten where the target came from
                    indirect(-1, 0);
                }
            }
            case SYSCALL -> exits.systemCall(off);
            case POPF -> {
                state.popFlags(k);
                jump(off);
            }
            case IRET -> {
                state.interruptReturn(k, () -> checkCanonical(k));
                indirect(-1, 0);
            }
            default -> {
                stack.read(k, 0);
                a.load(R10, R10, 0);
                indirect(k, 8 + (i.operands > 0 ? (int) i.imm & 0xffff : 0));
            }
        }
    }

    /** Target of an indirect branch into R10. */
    private void target(Insn i, int k, int off) {
        if (i.k0 == Insn.GPR) {
            int h = memory.register(i.r0, R10);
            if (h != R10) {
                a.mov(R10, h);
            }
        } else {
            memory.address(i, off);
            memory.segment(i);
            memory.check(8, Tlb.READ, k);
            a.load(R10, R10, 0);
        }
    }

    /** Leaves if R10 is not canonical; R11 is lost. A call to such an address faults before it pushes. */
    void checkCanonical(int k) {
        a.mov(R11, R10);
        a.shiftArithmetic(R11, 47);
        a.alu(0, true, R11, 1);
        a.alu(7, true, R11, 1);
        exits.when(A, k);
    }

    /** Direct jump to an offset from the page: linked inside the page, by the jump cache outside. The slot has the flags. */
    void jump(int targetOff) {
        if (targetOff >= 0 && targetOff < 4096) {
            exits.link(a.jmpPatchable(), targetOff);
        } else {
            a.load(R10, RSP, Frame.PAGE);
            a.lea(R10, R10, -1, 0, targetOff);
            indirect(-1, 0);
        }
    }

    /**
     * Goes to the RIP in R10 through the jump cache, where only canonical addresses are. A miss leaves to tier 0: to do instruction
     * {@code k} again (nothing but an idempotent store was done of it), or with RIP when k is -1.
     *
     * @param stack change of the guest's RSP once the jump is certain
     */
    private void indirect(int k, int stack) {
        Stubs.slot(a, R9, R10, Frame.JUMP_CACHE, EngineFrame.JUMPS);
        a.mov(R11, R10);
        a.shiftLeft(true, R11, 12);
        a.rm(true, 0x0b, R11, RSP, Frame.TAG);
        a.rm(true, 0x3b, R11, R9, 0);
        long miss = a.jcc(NE);
        exits.byCache(miss, k, a.at);
        a.alu(4, true, R10, -4096);
        a.store(RSP, Frame.PAGE, R10);
        if (stack != 0) {
            a.lea(Frame.GUEST_RSP, Frame.GUEST_RSP, -1, 0, stack);
        }
        a.jmpMem(R9, 8);
    }
}
