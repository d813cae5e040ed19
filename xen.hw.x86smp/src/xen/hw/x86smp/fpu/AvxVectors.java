package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get32;
import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.getU32;
import static xen.kernel.api.hw.Raw.put16;
import static xen.kernel.api.hw.Raw.put32;
import static xen.kernel.api.hw.Raw.put64;
import static xen.kernel.api.hw.Raw.put8;

import xen.hw.x86smp.rules.Lanes;
import xen.kernel.api.hw.Raw;

/** What only AVX has: permutations over both lanes, broadcasts, variable shifts. The destination overlaps no source; n is 16 or 32 bytes. */
final class AvxVectors {
    private AvxVectors() {}

    interface Fn {
        void apply(long d, long a, long b, int imm, int n);
    }

    static void permilps(long d, long a, long b, int imm, int n) {
        for (int k = 0; k < n; k += 4) {
            put32(d + k, get32(a + (k & -16) + 4 * (get32(b + k) & 3)));
        }
    }

    static void permilpd(long d, long a, long b, int imm, int n) {
        for (int k = 0; k < n; k += 8) {
            put64(d + k, get64(a + (k & -16) + 8 * (get32(b + k) >> 1 & 1)));
        }
    }

    static void permilpsImm(long d, long a, long b, int imm, int n) {
        for (int k = 0; k < n; k += 4) {
            put32(d + k, get32(b + (k & -16) + 4 * (imm >> (k >> 1 & 6) & 3)));
        }
    }

    static void permilpdImm(long d, long a, long b, int imm, int n) {
        for (int k = 0; k < n; k += 8) {
            put64(d + k, get64(b + (k & -16) + 8 * (imm >> (k >> 3) & 1)));
        }
    }

    static void perm2x128(long d, long a, long b, int imm, int n) {
        for (int k = 0; k < 2; k++) {
            int select = imm >> 4 * k;
            long s = ((select & 2) == 0 ? a : b) + 16 * (select & 1);
            boolean zero = (select & 8) != 0;
            put64(d + 16 * k, zero ? 0 : get64(s));
            put64(d + 16 * k + 8, zero ? 0 : get64(s + 8));
        }
    }

    static void insert128(long d, long a, long b, int imm, int n) {
        Raw.copy(a, d, 32);
        Raw.copy(b, d + 16 * (imm & 1), 16);
    }

    static void permq(long d, long a, long b, int imm, int n) {
        for (int k = 0; k < 4; k++) {
            put64(d + 8 * k, get64(b + 8 * (imm >> 2 * k & 3)));
        }
    }

    static void permd(long d, long a, long b, int imm, int n) {
        for (int k = 0; k < 32; k += 4) {
            put32(d + k, get32(b + 4 * (get32(a + k) & 7)));
        }
    }

    static void blendd(long d, long a, long b, int imm, int n) {
        for (int k = 0; k < n; k += 4) {
            put32(d + k, get32(((imm >> (k >> 2) & 1) != 0 ? b : a) + k));
        }
    }

    static void sllvd(long d, long a, long b, int imm, int n) {
        for (int k = 0; k < n; k += 4) {
            long count = getU32(b + k);
            put32(d + k, count > 31 ? 0 : get32(a + k) << count);
        }
    }

    static void srlvd(long d, long a, long b, int imm, int n) {
        for (int k = 0; k < n; k += 4) {
            long count = getU32(b + k);
            put32(d + k, count > 31 ? 0 : get32(a + k) >>> count);
        }
    }

    static void sravd(long d, long a, long b, int imm, int n) {
        for (int k = 0; k < n; k += 4) {
            put32(d + k, get32(a + k) >> Math.min(getU32(b + k), 31));
        }
    }

    static void sllvq(long d, long a, long b, int imm, int n) {
        for (int k = 0; k < n; k += 8) {
            put64(d + k, Lanes.psllq(get64(a + k), get64(b + k)));
        }
    }

    static void srlvq(long d, long a, long b, int imm, int n) {
        for (int k = 0; k < n; k += 8) {
            put64(d + k, Lanes.psrlq(get64(a + k), get64(b + k)));
        }
    }

    static void broadcast8(long d, long a, long b, int imm, int n) {
        int v = Raw.get8(b);
        for (int k = 0; k < n; k++) {
            put8(d + k, v);
        }
    }

    static void broadcast16(long d, long a, long b, int imm, int n) {
        int v = Raw.get16(b);
        for (int k = 0; k < n; k += 2) {
            put16(d + k, v);
        }
    }

    static void broadcast32(long d, long a, long b, int imm, int n) {
        long v = getU32(b) * 0x1_0000_0001L;
        for (int k = 0; k < n; k += 8) {
            put64(d + k, v);
        }
    }

    static void broadcast64(long d, long a, long b, int imm, int n) {
        long v = get64(b);
        for (int k = 0; k < n; k += 8) {
            put64(d + k, v);
        }
    }

    static void broadcast128(long d, long a, long b, int imm, int n) {
        Raw.copy(b, d, 16);
        Raw.copy(b, d + 16, 16);
    }
}
