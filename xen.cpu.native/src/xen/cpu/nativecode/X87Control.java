package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.VcpuContext;

/**
 * FNSTCW, FLDCW, FNSTSW and FNCLEX: control and status of the x87, which are words of the register file; the host's own x87 is never touched. libm saves and
 * sets the rounding mode with them in functions that compute in SSE. What would raise #NM or #MF, or make an exception pending, is tier 0's.
 */
final class X87Control {
    /** Status word: an exception is pending (ES and its copy, the busy flag); which exceptions, as the control word masks them. */
    private static final int PENDING = 0x8080, EXCEPTIONS = 0x3f;
    /** Control word: bits that are kept, the one that reads as 1. */
    private static final int KEPT = 0x1f3f, ALWAYS = 0x40;
    /** What FNCLEX leaves of the status word. */
    private static final int CLEARED = 0x7f00;

    private final BlockEmitter e;
    private final Assembler a;
    private final MemoryAccess memory;
    private final Exits exits;

    X87Control(BlockEmitter e, MemoryAccess memory, Exits exits) {
        this.e = e;
        a = e.a;
        this.memory = memory;
        this.exits = exits;
    }

    static boolean takes(Insn i) {
        return switch (i.op) {
            case FNSTCW, FLDCW -> i.mode == Insn.MODE_64 && !i.lock && i.asz == 8;
            case FNSTSW -> i.mode == Insn.MODE_64 && !i.lock && (i.mem < 0 || i.asz == 8);
            case FNCLEX -> i.mode == Insn.MODE_64 && !i.lock;
            default -> false;
        };
    }

    void emit(Insn i, int k, int nextOff) {
        e.flags.clobber();
        if (i.mem >= 0) {
            memory.address(i, nextOff);
            memory.segment(i);
            memory.check(2, i.op == Opcode.FLDCW ? Tlb.READ : Tlb.WRITE, k);
        }
        a.load(R11, RSP, Frame.FILE);
        // #NM
        a.aluMem(7, false, R11, VcpuContext.TASK_SWITCHED, 0);
        exits.when(NE, k);
        switch (i.op) {
            case FNSTCW -> storeWord(VcpuContext.FCW);
            case FLDCW -> loadControl(k);
            case FNCLEX -> {
                a.rm(false, 0x0fb7, R10, R11, VcpuContext.FSW);
                a.alu(4, false, R10, CLEARED);
                a.b(0x66);
                a.rm(false, 0x89, R10, R11, VcpuContext.FSW);
            }
            default -> {
                if (i.mem >= 0) {
                    storeWord(VcpuContext.FSW);
                } else {
                    a.b(0x66);
                    a.rm(false, 0x8b, RAX, R11, VcpuContext.FSW);
                }
            }
        }
    }

    /** A word of the file at R11 to the host address in R10. */
    private void storeWord(int field) {
        a.rm(false, 0x0fb7, R11, R11, field);
        a.b(0x66);
        a.rm(false, 0x89, R11, R10, 0);
    }

    /** From the host address in R10, read once: another CPU may change it. */
    private void loadControl(int k) {
        a.rm(false, 0x0fb7, R10, R10, 0);
        a.rm(false, 0x0fb7, R9, R11, VcpuContext.FSW);
        a.testImm(false, R9, PENDING);
        exits.when(NE, k);
        a.mov32(R11, R10);
        a.alu(6, false, R11, EXCEPTIONS);
        a.rr(false, 0x23, R11, R9);
        a.testImm(false, R11, EXCEPTIONS);
        exits.when(NE, k);
        a.alu(4, false, R10, KEPT);
        a.alu(1, false, R10, ALWAYS);
        a.load(R11, RSP, Frame.FILE);
        a.b(0x66);
        a.rm(false, 0x89, R10, R11, VcpuContext.FCW);
    }
}
