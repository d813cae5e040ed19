package xen.hw.x86smp.fpu;

import static java.lang.Integer.rotateLeft;
import static java.lang.Integer.rotateRight;
import static xen.kernel.api.hw.Raw.get32;
import static xen.kernel.api.hw.Raw.put32;

/** The SHA extensions. Same calling rules as {@link Vectors}; element 3 is the highest doubleword. */
final class Sha {
    private Sha() {}

    private static void put(long d, int e3, int e2, int e1, int e0) {
        put32(d, e0);
        put32(d + 4, e1);
        put32(d + 8, e2);
        put32(d + 12, e3);
    }

    static void sha1nexte(long d, long a, long b, int imm) {
        put(d, get32(b + 12) + rotateLeft(get32(a + 12), 30), get32(b + 8), get32(b + 4), get32(b));
    }

    static void sha1msg1(long d, long a, long b, int imm) {
        int w0 = get32(a + 12), w1 = get32(a + 8), w2 = get32(a + 4), w3 = get32(a), w4 = get32(b + 12), w5 = get32(b + 8);
        put(d, w2 ^ w0, w3 ^ w1, w4 ^ w2, w5 ^ w3);
    }

    static void sha1msg2(long d, long a, long b, int imm) {
        int w16 = rotateLeft(get32(a + 12) ^ get32(b + 8), 1), w17 = rotateLeft(get32(a + 8) ^ get32(b + 4), 1);
        int w18 = rotateLeft(get32(a + 4) ^ get32(b), 1), w19 = rotateLeft(get32(a) ^ w16, 1);
        put(d, w16, w17, w18, w19);
    }

    static void sha1rnds4(long d, long s, long w, int imm) {
        int a = get32(s + 12), b = get32(s + 8), c = get32(s + 4), x = get32(s), e = 0;
        for (int i = 0; i < 4; i++) {
            int f = switch (imm & 3) {
                case 0 -> b & c ^ ~b & x;
                case 2 -> b & c ^ b & x ^ c & x;
                default -> b ^ c ^ x;
            };
            int k = switch (imm & 3) {
                case 0 -> 0x5a82_7999;
                case 1 -> 0x6ed9_eba1;
                case 2 -> 0x8f1b_bcdc;
                default -> 0xca62_c1d6;
            };
            int t = f + rotateLeft(a, 5) + get32(w + 12 - 4 * i) + e + k;
            e = x;
            x = c;
            c = rotateLeft(b, 30);
            b = a;
            a = t;
        }
        put(d, a, b, c, x);
    }

    /** {@code wk} is XMM0: the two message words with their constants added. */
    static void sha256rnds2(long d, long s1, long s2, long wk) {
        int a = get32(s2 + 12), b = get32(s2 + 8), e = get32(s2 + 4), f = get32(s2);
        int c = get32(s1 + 12), x = get32(s1 + 8), g = get32(s1 + 4), h = get32(s1);
        for (int i = 0; i < 2; i++) {
            int t = (e & f ^ ~e & g) + (rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25)) + get32(wk + 4 * i) + h;
            int n = t + (a & b ^ a & c ^ b & c) + (rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22));
            h = g;
            g = f;
            f = e;
            e = t + x;
            x = c;
            c = b;
            b = a;
            a = n;
        }
        put(d, a, b, e, f);
    }

    static void sha256msg1(long d, long a, long b, int imm) {
        int w4 = get32(b), w3 = get32(a + 12), w2 = get32(a + 8), w1 = get32(a + 4), w0 = get32(a);
        put(d, w3 + s0(w4), w2 + s0(w3), w1 + s0(w2), w0 + s0(w1));
    }

    private static int s0(int v) { return rotateRight(v, 7) ^ rotateRight(v, 18) ^ v >>> 3; }
    private static int s1(int v) { return rotateRight(v, 17) ^ rotateRight(v, 19) ^ v >>> 10; }

    static void sha256msg2(long d, long a, long b, int imm) {
        int w16 = get32(a) + s1(get32(b + 8)), w17 = get32(a + 4) + s1(get32(b + 12));
        int w18 = get32(a + 8) + s1(w16), w19 = get32(a + 12) + s1(w17);
        put(d, w19, w18, w17, w16);
    }
}
