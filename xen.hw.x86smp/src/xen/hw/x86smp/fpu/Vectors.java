package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.put64;

import xen.hw.x86smp.rules.Lanes;
import xen.kernel.api.hw.Raw;

/**
 * Integer SIMD on 128 bits where elements move between the two halves: shuffles, packs, unpacks, blends, extensions. Addresses of
 * destination, first and second source and an immediate; all sources are read before the destination is written, so they may be the
 * same register. AVX's 256-bit forms apply these to each lane.
 */
final class Vectors {
    private Vectors() {}

    interface Fn {
        void apply(long d, long a, long b, int imm);
    }

    private static void put(long d, long lo, long hi) {
        put64(d, lo);
        put64(d + 8, hi);
    }

    private static long low(long x, long y) { return x & 0xffff_ffffL | y << 32; }

    static void punpcklbw(long d, long a, long b, int imm) {
        long x = get64(a), y = get64(b);
        put(d, Lanes.punpcklbw(x, y), Lanes.punpckhbw(x, y));
    }

    static void punpcklwd(long d, long a, long b, int imm) {
        long x = get64(a), y = get64(b);
        put(d, Lanes.punpcklwd(x, y), Lanes.punpckhwd(x, y));
    }

    /** Also UNPCKLPS. */
    static void punpckldq(long d, long a, long b, int imm) {
        long x = get64(a), y = get64(b);
        put(d, Lanes.punpckldq(x, y), Lanes.punpckhdq(x, y));
    }

    /** Also UNPCKLPD, MOVLHPS. */
    static void punpcklqdq(long d, long a, long b, int imm) { put(d, get64(a), get64(b)); }

    static void punpckhbw(long d, long a, long b, int imm) { punpcklbw(d, a + 8, b + 8, imm); }
    static void punpckhwd(long d, long a, long b, int imm) { punpcklwd(d, a + 8, b + 8, imm); }
    static void punpckhdq(long d, long a, long b, int imm) { punpckldq(d, a + 8, b + 8, imm); }
    static void punpckhqdq(long d, long a, long b, int imm) { put(d, get64(a + 8), get64(b + 8)); }

    static void packsswb(long d, long a, long b, int imm) {
        long lo = low(Lanes.packsswb(get64(a)), Lanes.packsswb(get64(a + 8)));
        put(d, lo, low(Lanes.packsswb(get64(b)), Lanes.packsswb(get64(b + 8))));
    }

    static void packuswb(long d, long a, long b, int imm) {
        long lo = low(Lanes.packuswb(get64(a)), Lanes.packuswb(get64(a + 8)));
        put(d, lo, low(Lanes.packuswb(get64(b)), Lanes.packuswb(get64(b + 8))));
    }

    static void packssdw(long d, long a, long b, int imm) {
        long lo = low(Lanes.packssdw(get64(a)), Lanes.packssdw(get64(a + 8)));
        put(d, lo, low(Lanes.packssdw(get64(b)), Lanes.packssdw(get64(b + 8))));
    }

    static void packusdw(long d, long a, long b, int imm) {
        long lo = low(Lanes.packusdw(get64(a)), Lanes.packusdw(get64(a + 8)));
        put(d, lo, low(Lanes.packusdw(get64(b)), Lanes.packusdw(get64(b + 8))));
    }

    static void phaddw(long d, long a, long b, int imm) {
        long lo = low(Lanes.phaddw(get64(a)), Lanes.phaddw(get64(a + 8)));
        put(d, lo, low(Lanes.phaddw(get64(b)), Lanes.phaddw(get64(b + 8))));
    }

    static void phaddsw(long d, long a, long b, int imm) {
        long lo = low(Lanes.phaddsw(get64(a)), Lanes.phaddsw(get64(a + 8)));
        put(d, lo, low(Lanes.phaddsw(get64(b)), Lanes.phaddsw(get64(b + 8))));
    }

    static void phaddd(long d, long a, long b, int imm) {
        long lo = low(Lanes.phaddd(get64(a)), Lanes.phaddd(get64(a + 8)));
        put(d, lo, low(Lanes.phaddd(get64(b)), Lanes.phaddd(get64(b + 8))));
    }

    static void phsubw(long d, long a, long b, int imm) {
        long lo = low(Lanes.phsubw(get64(a)), Lanes.phsubw(get64(a + 8)));
        put(d, lo, low(Lanes.phsubw(get64(b)), Lanes.phsubw(get64(b + 8))));
    }

    static void phsubsw(long d, long a, long b, int imm) {
        long lo = low(Lanes.phsubsw(get64(a)), Lanes.phsubsw(get64(a + 8)));
        put(d, lo, low(Lanes.phsubsw(get64(b)), Lanes.phsubsw(get64(b + 8))));
    }

    static void phsubd(long d, long a, long b, int imm) {
        long lo = low(Lanes.phsubd(get64(a)), Lanes.phsubd(get64(a + 8)));
        put(d, lo, low(Lanes.phsubd(get64(b)), Lanes.phsubd(get64(b + 8))));
    }

    static void pshufb(long d, long a, long b, int imm) {
        long x = get64(a), y = get64(a + 8);
        long lo = shuffle(x, y, get64(b));
        put(d, lo, shuffle(x, y, get64(b + 8)));
    }

    private static long shuffle(long lo, long hi, long control) {
        long r = 0;
        for (int i = 0; i < 64; i += 8) {
            long k = control >>> i;
            if ((k & 0x80) == 0) {
                r |= (((k & 8) == 0 ? lo : hi) >>> 8 * (k & 7) & 0xff) << i;
            }
        }
        return r;
    }

    private static long dword(long a, int i) { return Raw.getU32(a + 4L * (i & 3)); }

    static void pshufd(long d, long a, long b, int imm) {
        long lo = dword(b, imm) | dword(b, imm >> 2) << 32;
        put(d, lo, dword(b, imm >> 4) | dword(b, imm >> 6) << 32);
    }

    static void pshuflw(long d, long a, long b, int imm) { put(d, Lanes.pshufw(get64(b), imm), get64(b + 8)); }
    static void pshufhw(long d, long a, long b, int imm) { put(d, get64(b), Lanes.pshufw(get64(b + 8), imm)); }

    static void shufps(long d, long a, long b, int imm) {
        long lo = dword(a, imm) | dword(a, imm >> 2) << 32;
        put(d, lo, dword(b, imm >> 4) | dword(b, imm >> 6) << 32);
    }

    static void shufpd(long d, long a, long b, int imm) { put(d, get64(a + 8 * (imm & 1)), get64(b + 4 * (imm & 2))); }

    static void movsldup(long d, long a, long b, int imm) {
        put(d, dword(b, 0) * 0x1_0000_0001L, dword(b, 2) * 0x1_0000_0001L);
    }

    static void movshdup(long d, long a, long b, int imm) {
        put(d, dword(b, 1) * 0x1_0000_0001L, dword(b, 3) * 0x1_0000_0001L);
    }

    static void movddup(long d, long a, long b, int imm) { put(d, get64(b), get64(b)); }

    static void pslldq(long d, long a, long b, int imm) {
        long x = get64(a), y = get64(a + 8);
        int n = Math.min(imm & 0xff, 16) * 8;
        put(d, n < 64 ? x << n : 0, n == 0 ? y : n < 64 ? y << n | x >>> 64 - n : n < 128 ? x << n - 64 : 0);
    }

    static void psrldq(long d, long a, long b, int imm) {
        long x = get64(a), y = get64(a + 8);
        int n = Math.min(imm & 0xff, 16) * 8;
        put(d, n == 0 ? x : n < 64 ? x >>> n | y << 64 - n : n < 128 ? y >>> n - 64 : 0, n < 64 ? y >>> n : 0);
    }

    static void palignr(long d, long a, long b, int imm) {
        long b0 = get64(b), b1 = get64(b + 8), a0 = get64(a), a1 = get64(a + 8);
        int n = (imm & 0xff) * 8;
        long lo, hi, last = 0;
        if (n >= 256) {
            put(d, 0, 0);
            return;
        }
        switch (n >>> 6) {
            case 0 -> { lo = b0; hi = b1; last = a0; }
            case 1 -> { lo = b1; hi = a0; last = a1; }
            case 2 -> { lo = a0; hi = a1; }
            default -> { lo = a1; hi = 0; }
        }
        int k = n & 63;
        put(d, k == 0 ? lo : lo >>> k | hi << 64 - k, k == 0 ? hi : hi >>> k | last << 64 - k);
    }

    // Blends

    private static void select(long d, long a, long b, long m0, long m1) {
        long lo = get64(b) & m0 | get64(a) & ~m0;
        put(d, lo, get64(b + 8) & m1 | get64(a + 8) & ~m1);
    }

    /** Bits 0..3 of imm to whole doublewords; bits 0..1 to the low half. */
    private static long dwords(int imm) { return -(imm & 1L) & 0xffff_ffffL | -(imm >> 1 & 1L) << 32; }

    private static long words(int imm) {
        return (imm & 1 | (imm & 2L) << 15 | (imm & 4L) << 30 | (imm & 8L) << 45) * 0xffffL;
    }

    static void blendps(long d, long a, long b, int imm) { select(d, a, b, dwords(imm), dwords(imm >> 2)); }
    static void blendpd(long d, long a, long b, int imm) { select(d, a, b, -(imm & 1L), -(imm >> 1 & 1L)); }
    static void pblendw(long d, long a, long b, int imm) { select(d, a, b, words(imm), words(imm >> 4)); }

    /** Variable blends: the mask is a third register. */
    static void pblendvb(long d, long a, long b, long mask) {
        select(d, a, b, Lanes.pcmpgtb(0, get64(mask)), Lanes.pcmpgtb(0, get64(mask + 8)));
    }

    static void blendvps(long d, long a, long b, long mask) {
        select(d, a, b, Lanes.pcmpgtd(0, get64(mask)), Lanes.pcmpgtd(0, get64(mask + 8)));
    }

    static void blendvpd(long d, long a, long b, long mask) { select(d, a, b, get64(mask) >> 63, get64(mask + 8) >> 63); }

    // Extensions

    static void pmovsxbw(long d, long a, long b, int imm) {
        long v = get64(b);
        put(d, signed8(Lanes.widen8(v)), signed8(Lanes.widen8(v >>> 32)));
    }

    private static long signed8(long w) { return w | (w & 0x0080_0080_0080_0080L) * 0x1fe; }

    static void pmovzxbw(long d, long a, long b, int imm) {
        long v = get64(b);
        put(d, Lanes.widen8(v), Lanes.widen8(v >>> 32));
    }

    static void pmovsxwd(long d, long a, long b, int imm) {
        long v = get64(b);
        put(d, (short) v & 0xffff_ffffL | (long) (short) (v >>> 16) << 32, (short) (v >>> 32) & 0xffff_ffffL | (long) (short) (v >>> 48) << 32);
    }

    static void pmovzxwd(long d, long a, long b, int imm) {
        long v = get64(b);
        put(d, Lanes.widen16(v & 0xffff_ffffL), Lanes.widen16(v >>> 32));
    }

    static void pmovsxdq(long d, long a, long b, int imm) {
        long v = get64(b);
        put(d, (int) v, v >> 32);
    }

    static void pmovzxdq(long d, long a, long b, int imm) {
        long v = get64(b);
        put(d, v & 0xffff_ffffL, v >>> 32);
    }

    static void pmovsxbd(long d, long a, long b, int imm) {
        int v = Raw.get32(b);
        put(d, (byte) v & 0xffff_ffffL | (long) (byte) (v >>> 8) << 32, (byte) (v >>> 16) & 0xffff_ffffL | (long) (v >> 24) << 32);
    }

    static void pmovzxbd(long d, long a, long b, int imm) {
        long v = Raw.getU32(b);
        put(d, v & 0xff | (v >>> 8 & 0xff) << 32, v >>> 16 & 0xff | v >>> 24 << 32);
    }

    static void pmovsxbq(long d, long a, long b, int imm) {
        int v = Raw.get16(b);
        put(d, (byte) v, (byte) (v >> 8));
    }

    static void pmovzxbq(long d, long a, long b, int imm) {
        int v = Raw.get16(b);
        put(d, v & 0xff, v >> 8);
    }

    static void pmovsxwq(long d, long a, long b, int imm) {
        int v = Raw.get32(b);
        put(d, (short) v, v >> 16);
    }

    static void pmovzxwq(long d, long a, long b, int imm) {
        int v = Raw.get32(b);
        put(d, v & 0xffff, v >>> 16);
    }

    // Sums

    static void mpsadbw(long d, long a, long b, int imm) {
        int from = imm & 4, with = (imm & 3) * 4;
        long lo = 0, hi = 0;
        for (int i = 0; i < 8; i++) {
            long s = 0;
            for (int j = 0; j < 4; j++) {
                s += Math.abs(Raw.get8(a + from + i + j) - Raw.get8(b + with + j));
            }
            if (i < 4) {
                lo |= s << 16 * i;
            } else {
                hi |= s << 16 * (i - 4);
            }
        }
        put(d, lo, hi);
    }

    static void phminposuw(long d, long a, long b, int imm) {
        int best = 0x10000, at = 0;
        for (int i = 0; i < 8; i++) {
            int w = Raw.get16(b + 2 * i);
            if (w < best) {
                best = w;
                at = i;
            }
        }
        put(d, best | (long) at << 16, 0);
    }

    static void insertps(long d, long a, long b, int imm, boolean memory) {
        long v = memory ? Raw.getU32(b) : dword(b, imm >> 6);
        long lo = get64(a), hi = get64(a + 8);
        int sh = (imm >> 4 & 1) * 32;
        long clear = ~(0xffff_ffffL << sh);
        if ((imm & 0x20) == 0) {
            lo = lo & clear | v << sh;
        } else {
            hi = hi & clear | v << sh;
        }
        put(d, lo & ~dwords(imm), hi & ~dwords(imm >> 2));
    }
}
