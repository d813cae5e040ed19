package xen.hw.x86smp.oracle;

import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** Converts between the FXSAVE64 image (and YMM upper halves) of a case and the register file of a vCPU. */
final class FxImage {
    private FxImage() {
    }

    static void load(byte[] fx, VcpuContext c) {
        long base = c.base;
        Raw.put(base + VcpuContext.FCW, fx, CpuState.FCW, 4);
        int top = (fx[CpuState.FSW + 1] & 0xFF) >> 3 & 7;
        int full = 0;
        for (int i = 0; i < 8; i++) {
            int physical = top + i & 7;
            long to = base + VcpuContext.X87 + 16 * physical;
            Raw.put(to, fx, CpuState.ST0 + 16 * i, 10);
            boolean used = (fx[CpuState.FTW] >> physical & 1) != 0;
            full |= (used ? tag(Raw.get64(to), Raw.get16(to + 8)) : 3) << 2 * physical;
        }
        Raw.put16(base + VcpuContext.FTW, full);
        Raw.put16(base + VcpuContext.FOP, 0);
        Raw.put64(base + VcpuContext.FIP, 0);
        Raw.put64(base + VcpuContext.FDP, 0);
        Raw.put(base + VcpuContext.MXCSR, fx, CpuState.MXCSR, 4);
        for (int i = 0; i < 16; i++) {
            Raw.put(base + VcpuContext.VEC + (long) i * VcpuContext.VEC_STRIDE, fx, CpuState.XMM0 + 16 * i, 16);
            Raw.put(base + VcpuContext.VEC + (long) i * VcpuContext.VEC_STRIDE + 16, fx, CpuState.YMM_HIGH0 + 16 * i, 16);
        }
    }

    /** Tag of a register in use: 0 valid, 1 zero, 2 special (SDM vol. 1, 8.1.7). */
    private static int tag(long significand, int signExponent) {
        int exponent = signExponent & 0x7FFF;
        if (exponent == 0 && significand == 0) {
            return 1;
        }
        return exponent == 0 || exponent == 0x7FFF || significand >= 0 ? 2 : 0;
    }

    static void store(VcpuContext c, byte[] fx) {
        long base = c.base;
        Raw.get(base + VcpuContext.FCW, fx, CpuState.FCW, 4);
        int top = (fx[CpuState.FSW + 1] & 0xFF) >> 3 & 7;
        int full = Raw.get16(base + VcpuContext.FTW);
        int used = 0;
        for (int i = 0; i < 8; i++) {
            used |= (full >> 2 * i & 3) == 3 ? 0 : 1 << i;
            Raw.get(base + VcpuContext.X87 + 16 * (top + i & 7), fx, CpuState.ST0 + 16 * i, 10);
        }
        fx[CpuState.FTW] = (byte) used;
        Raw.get(base + VcpuContext.MXCSR, fx, CpuState.MXCSR, 4);
        for (int i = 0; i < 16; i++) {
            Raw.get(base + VcpuContext.VEC + (long) i * VcpuContext.VEC_STRIDE, fx, CpuState.XMM0 + 16 * i, 16);
            Raw.get(base + VcpuContext.VEC + (long) i * VcpuContext.VEC_STRIDE + 16, fx, CpuState.YMM_HIGH0 + 16 * i, 16);
        }
    }
}
