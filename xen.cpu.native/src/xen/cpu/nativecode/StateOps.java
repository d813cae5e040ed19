package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.decode.Row;
import xen.hw.x86smp.engine.EngineFrame;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.CpuCallbacks;
import xen.kernel.api.hw.VcpuContext;

/**
 * PUSHF, POPF, IRETQ and MOV from a segment register: Linux serialises with an IRETQ to its own selectors for each piece of code that it patches while it
 * boots, a hundred thousand times. What changes more than arithmetic flags, or goes to other selectors, is tier 0's.
 */
final class StateOps {
    private static final int OF = 1 << 11, TF = 1 << 8, DF = 1 << 10, NT = 1 << 14, AC = 1 << 18, ID = 1 << 21;
    /** Status flags of the low byte. */
    private static final int LOW = 0xd5;
    /** What PUSHF shows: VM and RF read as 0. */
    private static final int SHOWN = 0xfcffff;

    private final BlockEmitter e;
    private final Assembler a;
    private final MemoryAccess memory;
    private final StackOps stack;
    private final Exits exits;

    StateOps(BlockEmitter e, MemoryAccess memory, StackOps stack, Exits exits) {
        this.e = e;
        a = e.a;
        this.memory = memory;
        this.stack = stack;
        this.exits = exits;
    }

    static boolean takes(Insn i) {
        return i.mode == Insn.MODE_64 && (i.op == Opcode.PUSHF && i.osz == 8 || i.op == Opcode.MOV && i.k0 == Insn.GPR && i.operands == 2 && i.k1 == Insn.SEG);
    }

    /** A terminator that is taken. */
    static boolean ends(Insn i) { return i.mode == Insn.MODE_64 && i.osz == 8 && (i.op == Opcode.POPF || i.op == Opcode.IRET); }

    void emit(Insn i, int k) {
        if (i.op == Opcode.MOV) {
            segment(i);
        } else {
            push(k);
        }
    }

    /** Flags are kept. */
    private void segment(Insn i) {
        int h = Frame.host(i.r0), to = h >= 0 && i.osz >= 4 ? h : R10;
        a.load(R11, RSP, Frame.FILE);
        // MOVZX to, word
        a.rm(false, 0x0fb7, to, R11, VcpuContext.SELECTORS + 2 * i.r1);
        if (i.osz == 2) {
            a.b(0x66);
            if (h >= 0) {
                a.rr(false, 0x8b, h, R10);
            } else {
                a.store32(RSP, Frame.slot(i.r0), R10);
            }
        } else if (h < 0) {
            a.store(RSP, Frame.slot(i.r0), R10);
        }
    }

    private void push(int k) {
        e.flags.save();
        a.rm(false, 0x8b, R10, RSP, Frame.FLAGS);
        a.mov32(R11, R10);
        a.alu(4, false, R10, 1);
        a.shiftLeft(false, R10, 11);
        a.shiftRight(false, R11, 8);
        a.alu(4, false, R11, LOW);
        a.rr(false, 0x0b, R10, R11);
        a.load(R11, RSP, Frame.OUTSIDE);
        a.rm(false, 0x8b, R11, R11, EngineFrame.OTHER);
        a.alu(4, false, R11, SHOWN & ~Row.STATUS);
        a.rr(false, 0x0b, R10, R11);
        a.store(RSP, Frame.TARGET, R10);
        stack.write(k);
        a.load(R11, RSP, Frame.TARGET);
        a.store(R10, 0, R11);
        a.lea(Frame.GUEST_RSP, Frame.GUEST_RSP, -1, 0, -8);
    }

    /** POPF up to where the block goes on. */
    void popFlags(int k) {
        stack.read(k, 0);
        a.load(R11, R10, 0);
        onlyArithmetic(k);
        slot();
        a.lea(Frame.GUEST_RSP, Frame.GUEST_RSP, -1, 0, 8);
    }

    /** IRETQ with the target in R10 in the end, not looked at as an address: {@code checked} does that in front of the first change. */
    void interruptReturn(int k, Runnable checked) {
        e.flags.save();
        e.flags.clobber();
        a.mov(R10, Frame.GUEST_RSP);
        memory.check(5 * 8, Tlb.READ, k);
        // CS and SS, which are those in force and never mean anything else
        a.rm(false, 0x0fb7, R11, R10, 8);
        a.rm(false, 0x0fb7, R9, R10, 4 * 8);
        a.shiftLeft(false, R9, 16);
        a.rr(false, 0x0b, R11, R9);
        a.load(R9, RSP, Frame.OUTSIDE);
        a.rm(true, 0x3b, R11, R9, EngineFrame.LASTING);
        exits.when(NE, k);
        a.load(R9, RSP, Frame.FILE);
        a.rm(false, 0x3b, R11, R9, VcpuContext.SELECTORS + 2 * VcpuContext.CS);
        exits.when(NE, k);
        a.load(R9, R10, 3 * 8);
        a.store(RSP, Frame.DELTA_FROM, R9);
        a.load(R11, R10, 2 * 8);
        onlyArithmetic(k);
        a.store(RSP, Frame.DELTA_TO, R11);
        a.load(R10, R10, 0);
        checked.run();
        a.load(R9, RSP, Frame.FILE);
        cache(VcpuContext.CS, CpuCallbacks.LASTING_CODE);
        cache(VcpuContext.SS, CpuCallbacks.LASTING_STACK);
        a.load(R11, RSP, Frame.DELTA_TO);
        slot();
        a.load(Frame.GUEST_RSP, RSP, Frame.DELTA_FROM);
    }

    /** The flat descriptor into the register file at R9, as a load of its selector would. */
    private void cache(int segment, long descriptor) {
        int at = VcpuContext.SEGMENTS + 16 * segment;
        a.storeImm32(R9, at, 0);
        a.storeImm32(R9, at + 4, -1);
        a.storeImm32(R9, at + 8, (int) (descriptor >>> 40) & 0xf0ff);
    }

    /** Leaves if the new flags in R11 differ from the present ones in more than arithmetic flags and those that stay as they are; R9 is lost. */
    private void onlyArithmetic(int k) {
        a.load(R9, RSP, Frame.OUTSIDE);
        a.rm(false, 0x8b, R9, R9, EngineFrame.OTHER);
        a.rr(false, 0x33, R9, R11);
        a.testImm(false, R9, TF | DF | NT | AC | ID);
        exits.when(NE, k);
        // IRET does not go on with it set, whatever it was
        a.testImm(false, R11, NT);
        exits.when(NE, k);
    }

    /** The arithmetic flags of R11 into the slot; R9 and R11 are lost. */
    private void slot() {
        a.mov32(R9, R11);
        a.shiftRight(false, R9, Integer.numberOfTrailingZeros(OF));
        a.alu(4, false, R9, 1);
        a.alu(4, false, R11, LOW);
        a.shiftLeft(false, R11, 8);
        a.rr(false, 0x0b, R11, R9);
        a.store32(RSP, Frame.FLAGS, R11);
    }
}
