package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Row;
import xen.hw.x86smp.engine.EngineFrame;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.VcpuContext;

/** RDTSC, RDTSCP, CLD, STD, LDMXCSR, STMXCSR: registers that are not in the host's. */
final class ControlOps {
    /** MXCSR: exception masks, and the bits that are not reserved. */
    private static final int MASKS = 0x1f80, DEFINED = 0xffff;

    private final BlockEmitter e;
    private final Assembler a;
    private final MemoryAccess memory;
    private final Exits exits;

    ControlOps(BlockEmitter e, MemoryAccess memory, Exits exits) {
        this.e = e;
        a = e.a;
        this.memory = memory;
        this.exits = exits;
    }

    static boolean takes(Insn i) {
        if (i.mode != Insn.MODE_64 || i.lock) {
            return false;
        }
        return switch (i.op) {
            case RDTSC, RDTSCP, CLD, STD -> true;
            case LDMXCSR, STMXCSR -> i.asz == 8 && !i.vex;
            default -> false;
        };
    }

    /** Needs the XMM registers' state loaded. */
    static boolean vector(Insn i) { return switch (i.op) { case LDMXCSR, STMXCSR -> true; default -> false; }; }

    /** @param count instructions of the block, {@code k} is this one's number */
    void emit(Insn i, int k, int nextOff, int count) {
        e.flags.clobber();
        switch (i.op) {
            case CLD -> other(4, ~Row.DF);
            case STD -> other(1, Row.DF);
            case LDMXCSR -> loadMxcsr(i, k, nextOff);
            case STMXCSR -> {
                memory.address(i, nextOff);
                memory.segment(i);
                memory.check(4, Tlb.WRITE, k);
                mxcsr(3, R10, 0);
            }
            default -> {
                timeStamp(k, count);
                if (i.op == xen.hw.x86smp.decode.Opcode.RDTSCP) {
                    a.load(R11, RSP, Frame.FILE);
                    a.rm(false, 0x8b, RCX, R11, VcpuContext.TSC_AUX);
                }
            }
        }
    }

    private void other(int op, int imm) {
        a.load(R11, RSP, Frame.OUTSIDE);
        a.aluMem(op, true, R11, EngineFrame.OTHER, imm);
    }

    /** As tier 0 computes it: what was retired in front of this instruction, at the run's rate. */
    private void timeStamp(int k, int count) {
        a.load(R11, RSP, Frame.OUTSIDE);
        a.aluMem(7, true, R11, EngineFrame.TSC_RATE, 0);
        exits.when(E, k);
        a.load(R10, R11, EngineFrame.TSC_START);
        a.rm(true, 0x2b, R10, RSP, Frame.BUDGET);
        a.lea(R10, R10, -1, 0, k - count);
        // IMUL R10, [R11 + TSC_RATE]
        a.rm(true, 0x0faf, R10, R11, EngineFrame.TSC_RATE);
        a.shiftArithmetic(R10, 16);
        a.rm(true, 0x03, R10, R11, EngineFrame.TSC_BASE);
        a.mov32(RAX, R10);
        a.shiftRight(true, R10, 32);
        a.mov(RDX, R10);
    }

    /** From a copy: another CPU may change what was checked. Reserved bits are #GP, unmasked exceptions would be host signals: both tier 0's. */
    private void loadMxcsr(Insn i, int k, int nextOff) {
        memory.address(i, nextOff);
        memory.segment(i);
        memory.check(4, Tlb.READ, k);
        a.rm(false, 0x8b, R10, R10, 0);
        a.store32(RSP, Frame.TARGET, R10);
        a.mov32(R11, R10);
        a.alu(4, false, R11, ~DEFINED | MASKS);
        a.alu(7, false, R11, MASKS);
        exits.when(NE, k);
        mxcsr(2, RSP, Frame.TARGET);
    }

    private void mxcsr(int op, int base, int disp) {
        if (base >= 8) {
            a.b(0x41);
        }
        a.b(0x0f);
        a.b(0xae);
        a.memory(op, base, -1, 0, disp);
    }
}
