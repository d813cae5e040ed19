package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.put64;

import xen.hw.x86smp.exec.InterpreterCpu;
import xen.kernel.api.hw.VcpuContext;

/** What all AVX instructions have in common: they need their state enabled, and a write of a register clears what is above it. */
final class Avx {
    /** SSE and AVX in XCR0. */
    static final long ENABLED = 6;
    private static final int UD = 6;

    private Avx() {}

    /** In front of every VEX vector instruction. */
    static void check(InterpreterCpu c) {
        if ((get64(c.regs + VcpuContext.XCR0) & ENABLED) != ENABLED) {
            throw c.raise(UD, 0);
        }
        Fpu.sse(c);
    }

    /** Copies 16 or 32 bytes from {@code s} to the register at {@code d} and clears the rest of its 32 bytes. */
    static void write(long d, long s, int bytes) {
        put64(d, get64(s));
        put64(d + 8, get64(s + 8));
        if (bytes == 32) {
            put64(d + 16, get64(s + 16));
            put64(d + 24, get64(s + 24));
        } else {
            clearHigh(d);
        }
    }

    static void clearHigh(long d) {
        put64(d + 16, 0);
        put64(d + 24, 0);
    }
}
