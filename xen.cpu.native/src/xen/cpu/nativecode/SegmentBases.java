package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.kernel.api.hw.VcpuContext;

/** RDFSBASE, RDGSBASE, WRFSBASE, WRGSBASE, which Linux uses at each switch of threads. The bases are in the register file; one that is not canonical is tier 0's. */
final class SegmentBases {
    private final BlockEmitter e;
    private final Assembler a;
    private final MemoryAccess memory;
    private final Branches branches;

    SegmentBases(BlockEmitter e, MemoryAccess memory, Branches branches) {
        this.e = e;
        a = e.a;
        this.memory = memory;
        this.branches = branches;
    }

    static boolean takes(Insn i) {
        return switch (i.op) {
            case RDFSBASE, RDGSBASE, WRFSBASE, WRGSBASE -> i.mode == Insn.MODE_64 && !i.lock;
            default -> false;
        };
    }

    void emit(Insn i, int k) {
        int base = i.op == Opcode.RDFSBASE || i.op == Opcode.WRFSBASE ? VcpuContext.FS_BASE : VcpuContext.GS_BASE;
        if (i.op == Opcode.RDFSBASE || i.op == Opcode.RDGSBASE) {
            read(i, base);
        } else {
            write(i, base, k);
        }
    }

    /** Flags are kept. 32 bits are zero-extended. */
    private void read(Insn i, int base) {
        int h = Frame.host(i.r0), to = h >= 0 ? h : R10;
        a.load(R11, RSP, Frame.FILE);
        a.rm(i.s0 == 8, 0x8b, to, R11, base);
        if (h < 0) {
            a.store(RSP, Frame.slot(i.r0), R10);
        }
    }

    private void write(Insn i, int base, int k) {
        e.flags.clobber();
        int h = memory.register(i.r0, R10);
        a.rr(i.s0 == 8, 0x8b, R10, h);
        if (i.s0 == 8) {
            branches.checkCanonical(k);
        }
        a.load(R11, RSP, Frame.FILE);
        a.store(R11, base, R10);
    }
}
