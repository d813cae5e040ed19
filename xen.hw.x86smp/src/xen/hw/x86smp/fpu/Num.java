package xen.hw.x86smp.fpu;

/**
 * A floating-point operand taken apart: (-1)^sign * sig * 2^(exp-63), with the top bit of {@code sig} set for every finite
 * non-zero number. Mutable scratch of {@link SoftFloat}; denormal numbers are normalised and only remembered in {@code kind}.
 */
final class Num {
    static final int ZERO = 0, NORMAL = 1, DENORMAL = 2, INFINITE = 3, QNAN = 4, SNAN = 5, UNSUPPORTED = 6;

    int kind;
    boolean sign;
    int exp;
    long sig;

    boolean isNan() { return kind == QNAN || kind == SNAN; }
    boolean isFinite() { return kind <= DENORMAL; }

    void set(int k, boolean s) {
        kind = k;
        sign = s;
        exp = 0;
        sig = 0;
    }

    void copy(Num n) {
        kind = n.kind;
        sign = n.sign;
        exp = n.exp;
        sig = n.sig;
    }

    /** IEEE binary64; the significand of a NaN is left-aligned as in the extended format. */
    void unpack64(long bits) {
        int e = (int) (bits >>> 52) & 0x7ff;
        unpack(bits < 0, e, 0x7ff, 1023, bits << 11 & Long.MAX_VALUE);
    }

    /** IEEE binary32. */
    void unpack32(int bits) {
        unpack(bits < 0, bits >>> 23 & 0xff, 0xff, 127, (long) bits << 40 & Long.MAX_VALUE);
    }

    private void unpack(boolean s, int e, int max, int bias, long fraction) {
        sign = s;
        if (e == max) {
            exp = 16384;
            sig = fraction | Long.MIN_VALUE;
            kind = fraction == 0 ? INFINITE : fraction << 1 < 0 ? QNAN : SNAN;
        } else if (e != 0) {
            kind = NORMAL;
            exp = e - bias;
            sig = fraction | Long.MIN_VALUE;
        } else {
            denormal(fraction, 1 - bias);
        }
    }

    private void denormal(long fraction, int e) {
        if (fraction == 0) {
            set(ZERO, sign);
            return;
        }
        int n = Long.numberOfLeadingZeros(fraction);
        kind = DENORMAL;
        exp = e - n;
        sig = fraction << n;
    }

    /** x87 extended: significand with explicit integer bit, sign and exponent in 16 bits. */
    void unpack80(long significand, int se) {
        int e = se & 0x7fff;
        sign = (se & 0x8000) != 0;
        if (e == 0x7fff) {
            exp = 16384;
            sig = significand;
            kind = significand >= 0 ? UNSUPPORTED : significand << 1 == 0 ? INFINITE : significand << 1 < 0 ? QNAN : SNAN;
        } else if (e != 0) {
            exp = e - 16383;
            sig = significand;
            kind = significand < 0 ? NORMAL : UNSUPPORTED;
        } else {
            denormal(significand, -16382);
        }
    }

    /** An integer, exact. */
    void fromLong(long v) {
        if (v == 0) {
            set(ZERO, false);
            return;
        }
        long m = Math.abs(v);
        int n = Long.numberOfLeadingZeros(m);
        kind = NORMAL;
        sign = v < 0;
        exp = 63 - n;
        sig = m << n;
    }
}
