package xen.cpu.bytecode;

import xen.hw.x86smp.rules.Flags;

/**
 * SSE arithmetic at run time, on bit patterns. Only what changes no status bit of MXCSR is done here: exceptions masked, rounding to
 * nearest, no denormals in or out, and either inexact results noted before or this one exact. All else is {@link #NOT_PLAIN}.
 */
final class Scalar {
    /** A NaN that no operation here gives. */
    static final long NOT_PLAIN = 0x7ff8_dead_dead_deadL;
    /** MXCSR without the status bits that do not matter; with precision noted, and with precision not noted. */
    private static final int DEFAULT = 0x1f80, CONTROL = 0xffc0, PRECISION = 0x20;
    private static final long EXPONENT = 0x7ff0_0000_0000_0000L;

    private Scalar() {}

    static long add(long a, long b, int mxcsr) {
        double x = Double.longBitsToDouble(a), y = Double.longBitsToDouble(b), r = x + y;
        long bits = Double.doubleToRawLongBits(r);
        if ((mxcsr & CONTROL) != DEFAULT || !plain(a) || !plain(b) || !plain(bits)) {
            return NOT_PLAIN;
        }
        if ((mxcsr & PRECISION) != 0) {
            return bits;
        }
        // what rounding lost
        double back = r - x;
        return x - (r - back) + (y - back) == 0 ? bits : NOT_PLAIN;
    }

    static long subtract(long a, long b, int mxcsr) { return add(a, b ^ Long.MIN_VALUE, mxcsr); }

    static long multiply(long a, long b, int mxcsr) {
        double x = Double.longBitsToDouble(a), y = Double.longBitsToDouble(b), r = x * y;
        long bits = Double.doubleToRawLongBits(r);
        if ((mxcsr & CONTROL) != DEFAULT || !plain(a) || !plain(b)) {
            return NOT_PLAIN;
        }
        if (!large(bits)) {
            return a << 1 == 0 || b << 1 == 0 ? bits : NOT_PLAIN;
        }
        // as many trailing zeros as a product of 53 bits has
        return (mxcsr & PRECISION) != 0 || Long.numberOfTrailingZeros(a) + Long.numberOfTrailingZeros(b) >= 53 ? bits : multiplyRare(x, y, bits);
    }

    /** Far from where the error of the product would itself be lost. */
    private static long multiplyRare(double x, double y, long bits) {
        return exponent(bits) > 120 && Math.fma(x, y, -Double.longBitsToDouble(bits)) == 0 ? bits : NOT_PLAIN;
    }

    static long divide(long a, long b, int mxcsr) {
        double x = Double.longBitsToDouble(a), y = Double.longBitsToDouble(b), r = x / y;
        long bits = Double.doubleToRawLongBits(r);
        boolean inexact = (mxcsr & PRECISION) != 0;
        return ready(mxcsr, a, b) && normal(b) && (a << 1 == 0 || large(bits)
                && (inexact || exponent(a) > 120 && Math.fma(r, y, -x) == 0)) ? bits : NOT_PLAIN;
    }

    static long root(long a, int mxcsr) {
        double x = Double.longBitsToDouble(a), r = Math.sqrt(x);
        return ready(mxcsr, a, 0) && (a >= 0 || a << 1 == 0) && ((mxcsr & PRECISION) != 0 || a << 1 == 0 || exponent(a) > 120 && Math.fma(r, r, -x) == 0)
                ? Double.doubleToRawLongBits(r) : NOT_PLAIN;
    }

    // Singles: the sum or product of two in double precision is exact or rounds once more, which is harmless for 24 bits in 53

    static long addSingle(long a, long b, int mxcsr) {
        float x = Float.intBitsToFloat((int) a), y = Float.intBitsToFloat((int) b), r = x + y;
        return single((int) a, (int) b, r, mxcsr, (double) x + y == r && exact(x, y));
    }

    static long subtractSingle(long a, long b, int mxcsr) { return addSingle(a, b ^ 0x8000_0000L, mxcsr); }

    static long multiplySingle(long a, long b, int mxcsr) {
        float x = Float.intBitsToFloat((int) a), y = Float.intBitsToFloat((int) b), r = x * y;
        return x != 0 && y != 0 && Math.abs(r) < 2 * Float.MIN_NORMAL ? NOT_PLAIN : single((int) a, (int) b, r, mxcsr, (double) x * y == r);
    }

    static long divideSingle(long a, long b, int mxcsr) {
        float x = Float.intBitsToFloat((int) a), y = Float.intBitsToFloat((int) b), r = x / y;
        return y == 0 || x != 0 && Math.abs(r) < 2 * Float.MIN_NORMAL ? NOT_PLAIN : single((int) a, (int) b, r, mxcsr, (double) r * y == x);
    }

    /** The sum of two singles is exact in double precision when their exponents are close. */
    private static boolean exact(float x, float y) { return x == 0 || y == 0 || Math.abs(Math.getExponent(x) - Math.getExponent(y)) < 28; }

    private static long single(int a, int b, float r, int mxcsr, boolean exact) {
        int bits = Float.floatToRawIntBits(r);
        return (mxcsr & CONTROL) == DEFAULT && plainSingle(a) && plainSingle(b) && plainSingle(bits) && ((mxcsr & PRECISION) != 0 || exact)
                ? bits & 0xffff_ffffL : NOT_PLAIN;
    }

    private static boolean plainSingle(int v) { return v << 1 == 0 || ((v >>> 23 & 0xff) - 1 & 0xff) < 0xfe; }

    // Conversions and comparison

    static long fromInteger(long v, int mxcsr) {
        double r = v;
        return (mxcsr & CONTROL) == DEFAULT && ((mxcsr & PRECISION) != 0 || (long) r == v && v != Long.MAX_VALUE)
                ? Double.doubleToRawLongBits(r) : NOT_PLAIN;
    }

    /** Truncated; Long.MIN_VALUE when it does not fit {@code size} bytes or tier 0 is to do it. */
    static long toInteger(long a, int mxcsr, int size) {
        double x = Double.longBitsToDouble(a);
        long r = (long) x;
        boolean fits = size == 8 ? Math.abs(x) < 0x1p63 : (int) r == r;
        return (mxcsr & CONTROL) == DEFAULT && plain(a) && fits && ((mxcsr & PRECISION) != 0 || r == x) ? r : Long.MIN_VALUE;
    }

    /** RAW flags of COMISD and UCOMISD. */
    static long compare(long a, long b) {
        if (!plain(a) || !plain(b)) {
            return NOT_PLAIN;
        }
        double x = Double.longBitsToDouble(a), y = Double.longBitsToDouble(b);
        return x < y ? Flags.CF : x == y ? Flags.ZF : 0;
    }

    private static boolean ready(int mxcsr, long a, long b) { return (mxcsr & CONTROL) == DEFAULT && plain(a) && plain(b); }

    private static int exponent(long v) { return (int) (v >>> 52) & 0x7ff; }

    /** A number that is neither zero nor denormal. */
    private static boolean normal(long v) { return (v & EXPONENT) - 1 >>> 52 < 0x7fe; }

    /** Normal, and not where the silicon may have noted an underflow before it rounded up. */
    private static boolean large(long v) { return (v & EXPONENT) > 1L << 52 && (v & EXPONENT) < EXPONENT; }

    private static boolean plain(long v) { return normal(v) || v << 1 == 0; }
}
