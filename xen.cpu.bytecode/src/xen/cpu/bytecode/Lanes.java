package xen.cpu.bytecode;

/** Integer SIMD at run time, on 64 bits at a time. */
final class Lanes {
    private Lanes() {}

    static long andNot(long a, long b) { return ~a & b; }

    static long addDwords(long a, long b) { return (a & 0xffff_ffff_0000_0000L) + (b & 0xffff_ffff_0000_0000L) | a + b & 0xffff_ffffL; }

    static long subtractDwords(long a, long b) { return (a & 0xffff_ffff_0000_0000L) - (b & 0xffff_ffff_0000_0000L) | a - b & 0xffff_ffffL; }

    private static final long LOW = 0x7f7f_7f7f_7f7f_7f7fL;

    static long addBytes(long a, long b) { return (a & LOW) + (b & LOW) ^ (a ^ b) & ~LOW; }

    static long subtractBytes(long a, long b) { return (a | ~LOW) - (b & LOW) ^ (a ^ ~b) & ~LOW; }

    static long equalBytes(long a, long b) {
        long x = a ^ b;
        long zero = ~((x & LOW) + LOW | x | LOW);
        return (zero >>> 7) * 0xff;
    }

    /** The sign bits of 16 bytes. */
    static long mask(long low, long high) { return signs(low) | signs(high) << 8; }

    private static long signs(long v) { return (v >>> 7 & 0x0101_0101_0101_0101L) * 0x0102_0408_1020_4080L >>> 56; }

    private static final long LOW_WORDS = 0x7fff_7fff_7fff_7fffL;

    static long addWords(long a, long b) { return (a & LOW_WORDS) + (b & LOW_WORDS) ^ (a ^ b) & ~LOW_WORDS; }

    static long subtractWords(long a, long b) { return (a | ~LOW_WORDS) - (b & LOW_WORDS) ^ (a ^ ~b) & ~LOW_WORDS; }

    static long equalWords(long a, long b) {
        long x = a ^ b;
        return (~((x & LOW_WORDS) + LOW_WORDS | x | LOW_WORDS) >>> 15) * 0xffff;
    }

    static long equalDwords(long a, long b) {
        long x = a ^ b;
        return ((int) x == 0 ? 0xffff_ffffL : 0) | (x >>> 32 == 0 ? 0xffff_ffff_0000_0000L : 0);
    }

    /** A byte of ones where a is above b, unsigned: the borrow of each byte's subtraction. */
    private static long above(long a, long b) {
        long borrow = (~b & a | (~b | a) & subtractBytes(b, a)) & ~LOW;
        return (borrow >>> 7) * 0xff;
    }

    static long minBytes(long a, long b) {
        long m = above(a, b);
        return b & m | a & ~m;
    }

    static long maxBytes(long a, long b) {
        long m = above(a, b);
        return a & m | b & ~m;
    }

    static long multiplyDwords(long a, long b) { return (a & 0xffff_ffffL) * (b & 0xffff_ffffL); }

    static long interleaveBytes(long a, long b) { return spreadBytes(a) | spreadBytes(b) << 8; }

    private static long spreadBytes(long v) {
        v = spreadWords(v);
        return (v | v << 8) & 0x00ff_00ff_00ff_00ffL;
    }

    static long interleaveWords(long a, long b) { return spreadWords(a) | spreadWords(b) << 16; }

    private static long spreadWords(long v) { return v & 0xffffL | (v & 0xffff_0000L) << 16; }

    static long interleaveDwords(long a, long b) { return a & 0xffff_ffffL | b << 32; }

    /** Eight words to bytes with unsigned saturation. */
    static long pack(long a, long b) { return packed(a) | packed(b) << 32; }

    private static long packed(long v) {
        long r = 0;
        for (int n = 0; n < 4; n++) {
            r |= (long) Math.clamp((short) (v >>> 16 * n), 0, 255) << 8 * n;
        }
        return r;
    }

    static long choose(long low, long high, int order) { return dword(low, high, order & 3) | dword(low, high, order >> 2) << 32; }

    private static long dword(long low, long high, int n) { return ((n & 2) == 0 ? low : high) >>> 32 * (n & 1) & 0xffff_ffffL; }

    // Shifts of lanes of 16, 32 or 64 bits by a constant

    static long left(long v, int n, int bits) {
        if (n >= bits) {
            return 0;
        }
        return v << n & each(-1L >>> 64 - bits << n & -1L >>> 64 - bits, bits);
    }

    static long right(long v, int n, int bits) {
        if (n >= bits) {
            return 0;
        }
        return v >>> n & each(-1L >>> 64 - bits >>> n, bits);
    }

    static long rightSigned(long v, int n, int bits) {
        n = Math.min(n, bits - 1);
        // the sign bit is spread upwards lane by lane
        long negative = (v >>> bits - 1 & each(1, bits)) * (-1L >>> 64 - bits);
        return right(v, n, bits) | negative & ~each(-1L >>> 64 - bits >>> n, bits);
    }

    /** The same lane everywhere. */
    private static long each(long lane, int bits) { return bits == 64 ? lane : bits == 32 ? lane * 0x1_0000_0001L : lane * 0x0001_0001_0001_0001L; }
}
