package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.VcpuContext.FSW;
import static xen.kernel.api.hw.VcpuContext.FTW;
import static xen.kernel.api.hw.VcpuContext.TASK_SWITCHED;

import xen.hw.x86smp.exec.InterpreterCpu;
import xen.kernel.api.hw.Raw;

/** What a CPU needs for floating point beside the register file: scratch of the exact arithmetic. One a CPU, used by its thread only. */
public final class Fpu {
    static final int NM = 7, GP = 13, MF = 16, XM = 19;

    final X87 x87 = new X87();
    final SseMath sse = new SseMath();
    /** Room for the image of an FXSAVE or smaller area. */
    private final Raw.Area area = Raw.allocate(1024);
    final long scratch = area.address();

    public void free() { area.free(); }

    /** In front of every SSE instruction: #NM after a task switch. */
    static void sse(InterpreterCpu c) {
        if (Raw.get32(c.regs + TASK_SWITCHED) != 0) {
            throw c.raise(NM, 0);
        }
    }

    /** In front of every waiting x87 and MMX instruction: #NM, then #MF of an earlier one. */
    static void waiting(InterpreterCpu c) {
        sse(c);
        if ((Raw.get16(c.regs + FSW) & X87Stack.ES) != 0) {
            throw c.raise(MF, 0);
        }
    }

    /** What every MMX instruction does to the x87 state: TOP 0, all registers valid. */
    static void mmx(long r) {
        Raw.put16(r + FSW, Raw.get16(r + FSW) & ~0x3800);
        Raw.put16(r + FTW, 0);
    }

    static void writeMmx(long r, int off, long v) {
        mmx(r);
        Raw.put64(r + off, v);
        Raw.put16(r + off + 8, 0xffff);
    }

    /** Writes {@code n} (at most a page) bytes that were checked by {@link #probe}; ends of pages may lie anywhere. */
    static void copyOut(InterpreterCpu c, long from, long va, int n) {
        for (int i = 0; i < n; ) {
            long p = va + i;
            if (n - i >= 8 && (p & 4095) <= 4088) {
                c.store64(p, Raw.get64(from + i));
                i += 8;
            } else {
                c.store8(p, Raw.get8(from + i));
                i++;
            }
        }
    }

    /** Faults now if any of {@code n} bytes cannot be written. */
    static void probe(InterpreterCpu c, long va, int n) {
        c.rmw(va, 1);
        c.rmw((va ^ va + n - 1) >>> 12 != 0 ? va + n - 1 & -4096L : va, 1);
    }

    /** Reads {@code n} (at most a page) bytes; nothing has happened when it faults. */
    static void copyIn(InterpreterCpu c, long va, long to, int n) {
        for (int i = 0; i < n; ) {
            int k = Math.min(n - i, 16);
            Raw.copy(c.hostRead(va + i, k), to + i, k);
            i += k;
        }
    }
}
