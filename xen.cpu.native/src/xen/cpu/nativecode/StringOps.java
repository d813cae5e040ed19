package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.decode.Row;
import xen.hw.x86smp.engine.EngineFrame;
import xen.hw.x86smp.mmu.Tlb;

/**
 * MOVS, STOS and LODS going up. A repeated one goes page by page: the host's own REP on as many elements as lie whole in the pages of both sides, behind
 * a TLB check of the first one; the registers are up to date between two pages, so that a page that is not there leaves an instruction to tier 0 that goes
 * on where the silicon would. Going down, and an element across two pages, are tier 0's.
 */
final class StringOps {
    private final BlockEmitter e;
    private final Assembler a;
    private final MemoryAccess memory;
    private final Exits exits;

    StringOps(BlockEmitter e, MemoryAccess memory, Exits exits) {
        this.e = e;
        a = e.a;
        this.memory = memory;
        this.exits = exits;
    }

    static boolean takes(Insn i) {
        boolean known = i.op == Opcode.STOS || (i.op == Opcode.MOVS || i.op == Opcode.LODS && i.rep == 0) && !MemoryAccess.hasBase(i);
        return known && i.mode == Insn.MODE_64 && i.asz == 8 && !i.lock;
    }

    void emit(Insn i, int k) {
        e.flags.clobber();
        a.load(R11, RSP, Frame.OUTSIDE);
        // TEST dword [R11 + OTHER], DF
        a.b(0x41);
        a.b(0xf7);
        a.memory(0, R11, -1, 0, EngineFrame.OTHER);
        a.d(Row.DF);
        exits.when(NE, k);
        if (i.rep == 0) {
            once(i, k);
        } else {
            repeated(i, k);
        }
    }

    private void once(Insn i, int k) {
        int size = i.size;
        if (i.op != Opcode.STOS) {
            a.mov(R10, RSI);
            memory.check(size, Tlb.READ, k);
            if (i.op == Opcode.LODS) {
                move(0x8b, 0x8a, size, RAX, R10);
                a.lea(RSI, RSI, -1, 0, size);
                return;
            }
            a.store(RSP, Frame.TARGET, R10);
        }
        a.mov(R10, RDI);
        memory.check(size, Tlb.WRITE, k);
        if (i.op == Opcode.MOVS) {
            a.load(R11, RSP, Frame.TARGET);
            move(0x8b, 0x8a, size, R11, R11);
            move(0x89, 0x88, size, R11, R10);
            a.lea(RSI, RSI, -1, 0, size);
        } else {
            move(0x89, 0x88, size, RAX, R10);
        }
        a.lea(RDI, RDI, -1, 0, size);
    }

    /** MOV between {@code reg} and [base]. */
    private void move(int wide, int narrow, int size, int reg, int base) {
        if (size == 2) {
            a.b(0x66);
        }
        a.rm(size == 8, size == 1 ? narrow : wide, reg, base, 0);
    }

    private void repeated(Insn i, int k) {
        boolean moves = i.op == Opcode.MOVS;
        int size = i.size;
        long again = a.at;
        a.rr(true, 0x85, RCX, RCX);
        long done = a.jcc(E);
        if (moves) {
            a.mov(R10, RSI);
            memory.check(size, Tlb.READ, k);
            a.store(RSP, Frame.TARGET, R10);
        }
        a.mov(R10, RDI);
        memory.check(size, Tlb.WRITE, k);
        // R11 = elements up to the end of the nearer page
        room(R11, RDI);
        if (moves) {
            room(R9, RSI);
            a.rr(false, 0x3b, R9, R11);
            a.cmov(B, R11, R9);
        }
        if (size > 1) {
            a.shiftRight(false, R11, Integer.numberOfTrailingZeros(size));
        }
        a.rr(true, 0x3b, RCX, R11);
        a.cmov(B, R11, RCX);
        a.mov(R9, RCX);
        a.rr(true, 0x2b, R9, R11);
        a.mov(RCX, R11);
        // what turns host addresses into the guest's again
        a.rr(true, 0x2b, RDI, R10);
        a.store(RSP, Frame.DELTA_TO, RDI);
        a.mov(RDI, R10);
        if (moves) {
            a.rm(true, 0x2b, RSI, RSP, Frame.TARGET);
            a.store(RSP, Frame.DELTA_FROM, RSI);
            a.load(RSI, RSP, Frame.TARGET);
        }
        a.b(0xf3);
        if (size == 2) {
            a.b(0x66);
        } else if (size == 8) {
            a.b(0x48);
        }
        a.b((moves ? 0xa4 : 0xaa) | (size > 1 ? 1 : 0));
        a.rm(true, 0x03, RDI, RSP, Frame.DELTA_TO);
        if (moves) {
            a.rm(true, 0x03, RSI, RSP, Frame.DELTA_FROM);
        }
        a.mov(RCX, R9);
        a.jmpTo(again);
        patch(done, a.at);
    }

    /** {@code to} = bytes from the address in {@code pointer} to its page's end: the high bits set, it is minus that. */
    private void room(int to, int pointer) {
        a.mov32(to, pointer);
        a.alu(1, false, to, -4096);
        a.rr(false, 0xf7, 3, to);
    }
}
