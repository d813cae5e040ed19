package xen.kernel.trap;

import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** Reads a 512-byte FXSAVE image (SDM vol. 1, 10.5.1, 64-bit format) into a vCPU's FPU and SSE state. */
final class Fxsave {
    private static final int MXCSR_MASK = 0xffff;

    private Fxsave() {}

    static void load(VcpuContext c, long image) {
        long b = c.base;
        Raw.put16(b + VcpuContext.FCW, Raw.get16(image) | 0x40);
        int fsw = Raw.get16(image + 2);
        Raw.put16(b + VcpuContext.FSW, fsw);
        int present = Raw.get8(image + 4);
        Raw.put16(b + VcpuContext.FOP, Raw.get16(image + 6) & 0x7ff);
        Raw.put64(b + VcpuContext.FIP, Raw.get64(image + 8));
        Raw.put64(b + VcpuContext.FDP, Raw.get64(image + 16));
        Raw.put32(b + VcpuContext.MXCSR, Raw.get32(image + 24) & MXCSR_MASK);
        int top = fsw >>> 11 & 7;
        int tags = 0;
        for (int st = 0; st < 8; st++) {
            int physical = top + st & 7;
            long from = image + 32 + 16L * st, to = b + VcpuContext.X87 + 16L * physical;
            Raw.put64(to, Raw.get64(from));
            Raw.put64(to + 8, Raw.get16(from + 8));
            tags |= ((present >>> physical & 1) == 0 ? 3 : tag(Raw.get64(from), Raw.get16(from + 8))) << 2 * physical;
        }
        Raw.put16(b + VcpuContext.FTW, tags);
        for (int i = 0; i < 16; i++) {
            Raw.copy(image + 160 + 16L * i, b + VcpuContext.VEC + (long) VcpuContext.VEC_STRIDE * i, 16);
        }
    }

    /** 0 valid, 1 zero, 2 special. */
    private static int tag(long significand, int signExponent) {
        int exponent = signExponent & 0x7fff;
        if (exponent == 0) {
            return significand == 0 ? 1 : 2;
        }
        return exponent == 0x7fff || significand >= 0 ? 2 : 0;
    }
}
