package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

import xen.hw.x86smp.engine.EngineFrame;
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
        loadVectors = a.at - base;
        loadVectors(a);
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
