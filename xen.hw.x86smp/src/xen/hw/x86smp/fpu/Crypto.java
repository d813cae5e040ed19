package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get32;
import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.put32;
import static xen.kernel.api.hw.Raw.put64;

import xen.kernel.api.hw.Raw;

/** AES-NI and PCLMULQDQ, by table and by bit. Same calling rules as {@link Vectors}. */
final class Crypto {
    private static final byte[] SBOX = new byte[256], INVERSE = new byte[256];

    static {
        // The S-box from its definition: inverse in GF(2^8), then the affine map. 3 generates the field, f6 is its inverse.
        int p = 1, q = 1;
        do {
            p = p ^ times2(p);
            q ^= q << 1;
            q ^= q << 2;
            q ^= q << 4;
            q &= 0xff;
            if ((q & 0x80) != 0) {
                q ^= 9;
            }
            SBOX[p] = (byte) (q ^ rotate(q, 1) ^ rotate(q, 2) ^ rotate(q, 3) ^ rotate(q, 4) ^ 0x63);
        } while (p != 1);
        SBOX[0] = 0x63;
        for (int i = 0; i < 256; i++) {
            INVERSE[SBOX[i] & 0xff] = (byte) i;
        }
    }

    private Crypto() {}

    private static int times2(int v) { return v << 1 & 0xff ^ (v >> 7) * 0x1b; }
    private static int rotate(int v, int n) { return (v << n | v >> 8 - n) & 0xff; }

    private static int substitute(int w) {
        return SBOX[w & 0xff] & 0xff | (SBOX[w >>> 8 & 0xff] & 0xff) << 8 | (SBOX[w >>> 16 & 0xff] & 0xff) << 16 | SBOX[w >>> 24] << 24;
    }

    /** Four bytes doubled in GF(2^8). */
    private static int twice(int w) { return (w & 0x7f7f_7f7f) << 1 ^ (w >>> 7 & 0x0101_0101) * 0x1b; }

    private static int mixColumn(int w) {
        int t = twice(w);
        return t ^ Integer.rotateRight(w ^ t, 8) ^ Integer.rotateRight(w, 16) ^ Integer.rotateRight(w, 24);
    }

    private static int unmixColumn(int w) {
        int t2 = twice(w), t4 = twice(t2), t8 = twice(t4), t9 = t8 ^ w;
        return t8 ^ t4 ^ t2 ^ Integer.rotateRight(t9 ^ t2, 8) ^ Integer.rotateRight(t9 ^ t4, 16) ^ Integer.rotateRight(t9, 24);
    }

    /** Column c after ShiftRows and SubBytes; {@code step} 1 forward, 3 backward. */
    private static int column(long a, int c, int step, byte[] box) {
        int r = 0;
        for (int i = 0; i < 4; i++) {
            r |= (box[Raw.get8(a + 4 * (c + step * i & 3) + i)] & 0xff) << 8 * i;
        }
        return r;
    }

    private static void round(long d, long a, long b, boolean decrypt, boolean last) {
        byte[] box = decrypt ? INVERSE : SBOX;
        int step = decrypt ? 3 : 1;
        int c0 = column(a, 0, step, box), c1 = column(a, 1, step, box), c2 = column(a, 2, step, box), c3 = column(a, 3, step, box);
        if (!last) {
            c0 = decrypt ? unmixColumn(c0) : mixColumn(c0);
            c1 = decrypt ? unmixColumn(c1) : mixColumn(c1);
            c2 = decrypt ? unmixColumn(c2) : mixColumn(c2);
            c3 = decrypt ? unmixColumn(c3) : mixColumn(c3);
        }
        long lo = get64(b) ^ (c0 & 0xffff_ffffL | (long) c1 << 32), hi = get64(b + 8) ^ (c2 & 0xffff_ffffL | (long) c3 << 32);
        put64(d, lo);
        put64(d + 8, hi);
    }

    static void aesenc(long d, long a, long b, int imm) { round(d, a, b, false, false); }
    static void aesenclast(long d, long a, long b, int imm) { round(d, a, b, false, true); }
    static void aesdec(long d, long a, long b, int imm) { round(d, a, b, true, false); }
    static void aesdeclast(long d, long a, long b, int imm) { round(d, a, b, true, true); }

    static void aesimc(long d, long a, long b, int imm) {
        for (int i = 0; i < 16; i += 4) {
            put32(d + i, unmixColumn(get32(b + i)));
        }
    }

    static void aeskeygenassist(long d, long a, long b, int imm) {
        int x1 = substitute(get32(b + 4)), x3 = substitute(get32(b + 12));
        put32(d, x1);
        put32(d + 4, Integer.rotateRight(x1, 8) ^ imm & 0xff);
        put32(d + 8, x3);
        put32(d + 12, Integer.rotateRight(x3, 8) ^ imm & 0xff);
    }

    static void pclmulqdq(long d, long a, long b, int imm) {
        long x = get64(a + 8 * (imm & 1)), y = get64(b + 8 * (imm >> 4 & 1)), lo = 0, hi = 0;
        for (int i = 0; i < 64; i++) {
            long m = -(y >>> i & 1);
            lo ^= x << i & m;
            hi ^= i == 0 ? 0 : x >>> 64 - i & m;
        }
        put64(d, lo);
        put64(d + 8, hi);
    }
}
