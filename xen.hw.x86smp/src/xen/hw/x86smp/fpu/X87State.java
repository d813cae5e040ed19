package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get16;
import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.getU32;
import static xen.kernel.api.hw.Raw.put16;
import static xen.kernel.api.hw.Raw.put32;
import static xen.kernel.api.hw.Raw.put64;
import static xen.kernel.api.hw.VcpuContext.FCW;
import static xen.kernel.api.hw.VcpuContext.FDP;
import static xen.kernel.api.hw.VcpuContext.FIP;
import static xen.kernel.api.hw.VcpuContext.FOP;
import static xen.kernel.api.hw.VcpuContext.FSW;
import static xen.kernel.api.hw.VcpuContext.FTW;
import static xen.kernel.api.hw.VcpuContext.MXCSR;
import static xen.kernel.api.hw.VcpuContext.X87;

import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** The memory images of the FPU: FNSTENV and FNSAVE in their 14 and 28 byte forms, FXSAVE's 512 bytes, XSAVE's header. */
final class X87State {
    static final int MXCSR_MASK = 0xffff;
    static final int FXSAVE_XMM = 160;

    private X87State() {}

    static void pointers(long r, int fop, long fip, long fdp) {
        put16(r + FOP, fop);
        put64(r + FIP, fip);
        put64(r + FDP, fdp);
    }

    /** Tag word with every register classified: valid, zero, special, empty. */
    static int fullTags(long r) {
        int tags = get16(r + FTW), full = 0;
        for (int i = 0; i < 8; i++) {
            int t = tags >> 2 * i & 3;
            if (t != 3) {
                long sig = get64(r + X87 + 16L * i);
                int e = get16(r + X87 + 16L * i + 8) & 0x7fff;
                t = e == 0 && sig == 0 ? 1 : e == 0 || e == 0x7fff || sig >= 0 ? 2 : 0;
            }
            full |= t << 2 * i;
        }
        return full;
    }

    private static void setTags(long r, int full) {
        int tags = 0;
        for (int i = 0; i < 16; i += 2) {
            if ((full >> i & 3) == 3) {
                tags |= 3 << i;
            }
        }
        put16(r + FTW, tags);
    }

    /** @param wide 28 bytes, else 14 */
    static void storeEnvironment(long r, long h, boolean wide) {
        if (wide) {
            put32(h, get16(r + FCW) | 0xffff_0000);
            put32(h + 4, get16(r + FSW) | 0xffff_0000);
            put32(h + 8, fullTags(r) | 0xffff_0000);
            put32(h + 12, (int) get64(r + FIP));
            put32(h + 16, get16(r + FOP) << 16);
            put32(h + 20, (int) get64(r + FDP));
            put32(h + 24, 0xffff_0000);
        } else {
            put16(h, get16(r + FCW));
            put16(h + 2, get16(r + FSW));
            put16(h + 4, fullTags(r));
            put16(h + 6, (int) get64(r + FIP));
            put16(h + 8, 0);
            put16(h + 10, (int) get64(r + FDP));
            put16(h + 12, 0);
        }
    }

    static void loadEnvironment(long r, long h, boolean wide) {
        int step = wide ? 4 : 2;
        put16(r + FCW, get16(h) & 0x1f3f | 0x40);
        put16(r + FSW, get16(h + step));
        setTags(r, get16(h + 2 * step));
        if (wide) {
            pointers(r, get16(h + 18) & 0x7ff, getU32(h + 12), getU32(h + 20));
        } else {
            pointers(r, 0, get16(h + 6), get16(h + 10));
        }
        X87Stack.summarize(r);
    }

    /** The eight registers behind the environment, ST(0) first. */
    static void storeRegisters(long r, long h) {
        for (int i = 0; i < 8; i++) {
            Raw.copy(X87Stack.st(r, i), h + 10L * i, 10);
        }
    }

    static void loadRegisters(long r, long h) {
        for (int i = 0; i < 8; i++) {
            Raw.copy(h + 10L * i, X87Stack.st(r, i), 10);
        }
    }

    /** x87's share of FXSAVE's first 160 bytes; {@code wide} is REX.W. MXCSR's eight bytes are left alone. */
    static void fxsave(long r, long h, boolean wide) {
        int tags = get16(r + FTW), abridged = 0;
        for (int i = 0; i < 8; i++) {
            abridged |= (tags >> 2 * i & 3) != 3 ? 1 << i : 0;
        }
        put16(h, get16(r + FCW));
        put16(h + 2, get16(r + FSW));
        put16(h + 4, abridged);
        put16(h + 6, get16(r + FOP));
        put64(h + 8, wide ? get64(r + FIP) : getU32(r + FIP));
        put64(h + 16, wide ? get64(r + FDP) : getU32(r + FDP));
        for (int i = 0; i < 8; i++) {
            long p = X87Stack.st(r, i), q = h + 32 + 16L * i;
            put64(q, get64(p));
            put64(q + 8, get16(p + 8));
        }
    }

    static void fxrstor(long r, long h, boolean wide) {
        put16(r + FCW, get16(h) & 0x1f3f | 0x40);
        put16(r + FSW, get16(h + 2));
        int tags = 0;
        for (int i = 0; i < 8; i++) {
            tags |= (get16(h + 4) >> i & 1) == 0 ? 3 << 2 * i : 0;
        }
        put16(r + FTW, tags);
        pointers(r, get16(h + 6) & 0x7ff, wide ? get64(h + 8) : getU32(h + 8), wide ? get64(h + 16) : getU32(h + 16));
        for (int i = 0; i < 8; i++) {
            long p = X87Stack.st(r, i), q = h + 32 + 16L * i;
            put64(p, get64(q));
            put64(p + 8, get16(q + 8));
        }
        X87Stack.summarize(r);
    }

    static void initX87(long r) {
        X87Transfer.init(r);
        Raw.zero(r + X87, 128);
    }

    static void storeVectors(long r, long h, int count) {
        for (int i = 0; i < count; i++) {
            Raw.copy(r + VcpuContext.VEC + (long) VcpuContext.VEC_STRIDE * i, h + FXSAVE_XMM + 16L * i, 16);
        }
    }

    static void loadVectors(long r, long h, int count) {
        for (int i = 0; i < count; i++) {
            Raw.copy(h + FXSAVE_XMM + 16L * i, r + VcpuContext.VEC + (long) VcpuContext.VEC_STRIDE * i, 16);
        }
    }

    static void initVectors(long r, int count) {
        for (int i = 0; i < count; i++) {
            Raw.zero(r + VcpuContext.VEC + (long) VcpuContext.VEC_STRIDE * i, 16);
        }
    }

    private static long upper(long r, int i) { return r + VcpuContext.VEC + (long) VcpuContext.VEC_STRIDE * i + 16; }

    /** Upper halves of YMM registers. */
    static void storeUpper(long r, long h, int count) {
        for (int i = 0; i < count; i++) {
            Raw.copy(upper(r, i), h + 16L * i, 16);
        }
    }

    static void loadUpper(long r, long h, int count) {
        for (int i = 0; i < count; i++) {
            Raw.copy(h + 16L * i, upper(r, i), 16);
        }
    }

    static void initUpper(long r, int count) {
        for (int i = 0; i < count; i++) {
            Raw.zero(upper(r, i), 16);
        }
    }

    /** XINUSE: bit 0 x87, bit 1 SSE, bit 2 AVX is not in its initial state. */
    static int inUse(long r) {
        long any = get16(r + FCW) ^ 0x37f | get16(r + FSW) | get16(r + FTW) ^ 0xffff | get16(r + FOP) | get64(r + FIP) | get64(r + FDP);
        for (int i = 0; i < 128; i += 8) {
            any |= get64(r + X87 + i);
        }
        long sse = 0, avx = 0;
        for (int i = 0; i < 16; i++) {
            long p = r + VcpuContext.VEC + (long) VcpuContext.VEC_STRIDE * i;
            sse |= get64(p) | get64(p + 8);
            avx |= get64(p + 16) | get64(p + 24);
        }
        return (any != 0 ? 1 : 0) | (sse != 0 ? 2 : 0) | (avx != 0 ? 4 : 0);
    }

    static boolean validMxcsr(int v) { return (v & ~MXCSR_MASK) == 0; }

    static void mxcsr(long r, int v) { put32(r + MXCSR, v); }
}
