package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

import java.util.zip.CRC32;
import xen.hw.x86smp.engine.EngineFrame;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** The fixed code at the start of the area: way in, ways out, loading the XMM registers. Offsets are from the area's start. */
final class Stubs {
    private static final int[] SAVED = {RBX, RBP, R12, R13, R14, R15};

    /** The host has YMM registers. */
    private final boolean avx;
    /** Jump here with the exit number in R11 and the next RIP in R10 (if the exit has one). */
    final long leave;
    /** Jump here with the place to go back to in R11 and the place for "cannot" in R10; loads XMM0-15 and MXCSR. */
    final long loadVectors;
    /**
     * Jump here with a RIP in R10 that missed the jump cache, and where to go back to in the frame's CONTINUE. Finds its code by host address through
     * the TLB and enters it into the jump cache: comes back with "equal" and R9 = the slot, or "not equal". R10 is kept.
     */
    final long lookup;
    /** To be called behind a failed TLB check, see {@link WalkStub}. */
    final long walkRead, walkWrite, walkExecute;
    /** {@code long exchange16(long file, long address)}: LOCK CMPXCHG16B of the file's registers; 1 when equal. */
    final long exchange16;
    final long end;

    /** Emits at {@code base}, the writable start. The way in is at offset 0: {@code void enter(long frame, long entry)}. */
    Stubs(long base, boolean avx) {
        this.avx = avx;
        Assembler a = new Assembler(base);
        enter(a);
        leave = a.at - base;
        leave(a);
        walkRead = a.at - base;
        WalkStub.emit(a, Tlb.READ);
        walkWrite = a.at - base;
        WalkStub.emit(a, Tlb.WRITE);
        walkExecute = a.at - base;
        WalkStub.emit(a, Tlb.EXECUTE);
        loadVectors = a.at - base;
        loadVectors(a);
        lookup = a.at - base;
        lookup(a, base + walkExecute);
        exchange16 = a.at - base;
        exchange16(a);
        end = a.at - base;
    }

    private static void enter(Assembler a) {
        for (int r : SAVED) {
            a.push(r);
        }
        a.alu(5, true, RSP, Frame.SIZE);
        a.store(RSP, Frame.OUTSIDE, RDI);
        for (int f = Frame.FILE; f < Frame.RIP; f += 8) {
            a.load(RAX, RDI, f);
            a.store(RSP, f, RAX);
        }
        a.load(RAX, RDI, Frame.HOST_CACHE);
        a.store(RSP, Frame.HOST_CACHE, RAX);
        a.aluMem(4, true, RSP, Frame.VEC_LIVE, 0);
        a.mov(R10, RSI);
        a.load(R11, RDI, Frame.FILE);
        for (int g = 0; g < 16; g++) {
            if (Frame.host(g) < 0) {
                a.load(RAX, R11, VcpuContext.GPR + g * 8);
                a.store(RSP, Frame.slot(g), RAX);
            }
        }
        for (int g = 0; g < 16; g++) {
            if (Frame.host(g) >= 0) {
                a.load(Frame.host(g), R11, VcpuContext.GPR + g * 8);
            }
        }
        a.jmpReg(R10);
    }

    /** The same for the same stubs; {@code base} is where they are. */
    long key(long base) {
        CRC32 crc = new CRC32();
        for (long a = base; a < base + end; a++) {
            crc.update(Raw.get8(a));
        }
        return crc.getValue();
    }

    /** The stub for a kind of access. */
    long walk(int access) { return access == Tlb.READ ? walkRead : access == Tlb.WRITE ? walkWrite : walkExecute; }

    private static void lookup(Assembler a, long walkExecute) {
        a.mov(R11, R10);
        a.shiftRight(true, R11, Tlb.INDEX_SHIFT);
        a.alu(4, false, R11, Tlb.INDEX_MASK);
        a.rm(true, 0x03, R11, RSP, Frame.TLB);
        a.mov(R9, R10);
        a.alu(4, true, R9, -4096);
        a.rm(true, 0x0b, R9, RSP, Frame.TAG);
        a.rm(true, 0x3b, R9, R11, Tlb.EXECUTE);
        long there = a.jcc(E);
        a.callTo(walkExecute);
        long noPage = a.jcc(NE);
        patch(there, a.at);
        a.mov(R9, R10);
        a.rm(true, 0x03, R9, R11, Tlb.ADDEND);
        slot(a, R11, R9, Frame.HOST_CACHE, EngineFrame.HOSTS);
        a.rm(true, 0x3b, R9, R11, 0);
        long noCode = a.jcc(NE);
        a.store(RSP, Frame.HOST_KEY, R9);
        a.store(RSP, Frame.HOST_SLOT, R11);
        a.load(R11, R11, 8);
        slot(a, R9, R10, Frame.JUMP_CACHE, EngineFrame.JUMPS);
        a.store(R9, 8, R11);
        a.mov(R11, R10);
        a.shiftLeft(true, R11, 12);
        a.rm(true, 0x0b, R11, RSP, Frame.TAG);
        a.store(R9, 0, R11);
        // who drops a translation clears the host cache first and then the jump caches: one of us sees the other
        a.load(R11, RSP, Frame.OUTSIDE);
        a.aluMem(7, true, R11, EngineFrame.CONCURRENT, 0);
        long alone = a.jcc(E);
        a.mfence();
        a.load(R11, RSP, Frame.HOST_SLOT);
        a.load(R11, R11, 0);
        a.rm(true, 0x3b, R11, RSP, Frame.HOST_KEY);
        long found = a.jcc(E);
        a.storeImm(R9, 0, -1);
        for (long p : new long[] {noPage, noCode, found, alone}) {
            patch(p, a.at);
        }
        a.jmpMem(RSP, Frame.CONTINUE);
    }

    /** Address in {@code to} of the slot for the address in {@code key}, of the cache whose base is in the frame. */
    static void slot(Assembler a, int to, int key, int cache, int slots) {
        a.mov(to, key);
        a.shiftRight(true, to, 12);
        a.rr(true, 0x33, to, key);
        a.alu(4, false, to, slots - 1);
        a.shiftLeft(false, to, 4);
        a.rm(true, 0x03, to, RSP, cache);
    }

    private void leave(Assembler a) {
        // R9 = caller's frame; exit number and rip into it
        a.load(R9, RSP, Frame.OUTSIDE);
        a.store(R9, Frame.RIP, R10);
        a.store(R9, EngineFrame.EXIT, R11);
        a.load(R11, RSP, Frame.FILE);
        for (int g = 0; g < 16; g++) {
            if (Frame.host(g) >= 0) {
                a.store(R11, VcpuContext.GPR + g * 8, Frame.host(g));
            }
        }
        for (int g = 0; g < 16; g++) {
            if (Frame.host(g) < 0) {
                a.load(RAX, RSP, Frame.slot(g));
                a.store(R11, VcpuContext.GPR + g * 8, RAX);
            }
        }
        for (int f : new int[] {Frame.PAGE, Frame.BUDGET, Frame.FLAGS}) {
            a.load(RAX, RSP, f);
            a.store(R9, f, RAX);
        }
        a.aluMem(7, true, RSP, Frame.VEC_LIVE, 0);
        long plain = a.jcc(E);
        for (int x = 0; x < 16; x++) {
            vector(a, false, x, R11);
        }
        if (avx) {
            // the host's own SSE code is slow while upper halves are in use
            a.vzeroupper();
        }
        mxcsr(a, 3, R11, VcpuContext.MXCSR);
        mxcsr(a, 2, RSP, Frame.HOST_MXCSR);
        patch(plain, a.at);
        a.alu(0, true, RSP, Frame.SIZE);
        for (int i = SAVED.length - 1; i >= 0; i--) {
            a.pop(SAVED[i]);
        }
        a.b(0xc3);
    }

    /** Whole YMM registers where the host has them: guest code of 128 bits keeps their upper halves. */
    private void vector(Assembler a, boolean load, int x, int file) {
        int at = VcpuContext.VEC + x * VcpuContext.VEC_STRIDE;
        if (avx) {
            a.wideVec(load, x, file, at);
        } else {
            a.vec(load, x, file, at);
        }
    }

    private void loadVectors(Assembler a) {
        a.load(R9, RSP, Frame.FILE);
        // #NM is tier 0's
        a.aluMem(7, false, R9, VcpuContext.TASK_SWITCHED, 0);
        long switched = a.jcc(NE);
        // unmasked SIMD exceptions would be host signals: only tier 0 runs such a guest's vector code
        a.rm(false, 0x8b, R9, R9, VcpuContext.MXCSR);
        a.alu(4, false, R9, 0x1f80);
        a.alu(7, false, R9, 0x1f80);
        long masked = a.jcc(E);
        patch(switched, a.at);
        a.jmpReg(R10);
        patch(masked, a.at);
        a.load(R9, RSP, Frame.FILE);
        mxcsr(a, 3, RSP, Frame.HOST_MXCSR);
        mxcsr(a, 2, R9, VcpuContext.MXCSR);
        for (int x = 0; x < 16; x++) {
            vector(a, true, x, R9);
        }
        a.aluMem(1, true, RSP, Frame.VEC_LIVE, 1);
        a.jmpReg(R11);
    }

    private static void exchange16(Assembler a) {
        a.push(RBX);
        a.load(RAX, RDI, VcpuContext.GPR);
        a.load(RDX, RDI, VcpuContext.GPR + 2 * 8);
        a.load(RBX, RDI, VcpuContext.GPR + 3 * 8);
        a.load(RCX, RDI, VcpuContext.GPR + 8);
        // LOCK CMPXCHG16B [RSI]; SETE BL
        for (int b : new int[] {0xf0, 0x48, 0x0f, 0xc7, 0x0e, 0x0f, 0x94, 0xc3}) {
            a.b(b);
        }
        a.store(RDI, VcpuContext.GPR, RAX);
        a.store(RDI, VcpuContext.GPR + 2 * 8, RDX);
        // MOVZX EAX, BL
        for (int b : new int[] {0x0f, 0xb6, 0xc3}) {
            a.b(b);
        }
        a.pop(RBX);
        a.b(0xc3);
    }

    /** LDMXCSR (2) or STMXCSR (3) [base + disp]. */
    private static void mxcsr(Assembler a, int op, int base, int disp) {
        if (base >= 8) {
            a.b(0x41);
        }
        a.b(0x0f);
        a.b(0xae);
        a.memory(op, base, -1, 0, disp);
    }
}
