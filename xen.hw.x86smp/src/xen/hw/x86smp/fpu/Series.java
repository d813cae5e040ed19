package xen.hw.x86smp.fpu;

import java.math.BigInteger;

/**
 * Elementary functions in fixed point: a number v stands for v * 2^-{@link #SCALE}. Wide enough that results of {@link X87Transcendental}
 * keep more than 128 good bits after the worst cancellation that a 64-bit significand can cause.
 */
final class Series {
    static final int SCALE = 256, PI_SCALE = 384;
    private static final BigInteger ONE = BigInteger.ONE.shiftLeft(SCALE);
    static final BigInteger PI = machin();
    /** The 66 bits of pi by which the silicon reduces angles. */
    private static final BigInteger PI66 = PI.shiftRight(PI_SCALE - 64).shiftLeft(PI_SCALE - 64);
    static final BigInteger LN2 = atanhDouble(divide(ONE, ONE.multiply(BigInteger.valueOf(3))));
    static final BigInteger LOG2E = divide(ONE, LN2);

    private Series() {}

    static BigInteger unsigned(long v) { return new BigInteger(Long.toUnsignedString(v)); }

    static BigInteger fixed(boolean sign, int exp, long sig) {
        BigInteger v = shift(unsigned(sig), exp - 63 + SCALE);
        return sign ? v.negate() : v;
    }

    private static BigInteger shift(BigInteger v, int left) { return left >= 0 ? v.shiftLeft(left) : v.shiftRight(-left); }

    static BigInteger multiply(BigInteger a, BigInteger b) { return a.multiply(b).shiftRight(SCALE); }
    static BigInteger divide(BigInteger a, BigInteger b) { return a.shiftLeft(SCALE).divide(b); }

    /** pi = 16 arctan(1/5) - 4 arctan(1/239). */
    private static BigInteger machin() {
        return inverseTangent(5).shiftLeft(4).subtract(inverseTangent(239).shiftLeft(2)).shiftRight(32);
    }

    private static BigInteger inverseTangent(int x) {
        BigInteger term = BigInteger.ONE.shiftLeft(PI_SCALE + 32).divide(BigInteger.valueOf(x)), sum = term;
        BigInteger square = BigInteger.valueOf((long) x * x);
        for (int n = 3; term.signum() != 0; n += 2) {
            term = term.divide(square).negate();
            sum = sum.add(term.divide(BigInteger.valueOf(n)));
        }
        return sum;
    }

    /** x less the nearest multiple q of pi/2; q's two low bits are returned in {@code quadrant[0]}. */
    private static BigInteger reduce(BigInteger x, int[] quadrant) {
        BigInteger wide = x.shiftLeft(PI_SCALE - SCALE + 1);
        BigInteger[] d = wide.add(PI66.shiftRight(1)).divideAndRemainder(PI66);
        if (d[1].signum() < 0) {
            d[0] = d[0].subtract(BigInteger.ONE);
            d[1] = d[1].add(PI66);
        }
        quadrant[0] = d[0].intValue() & 3;
        return d[1].subtract(PI66.shiftRight(1)).shiftRight(PI_SCALE - SCALE + 1);
    }

    static BigInteger sin(BigInteger x) { return circular(x, 0); }
    static BigInteger cos(BigInteger x) { return circular(x, 1); }

    private static BigInteger circular(BigInteger x, int ahead) {
        int[] q = new int[1];
        BigInteger r = reduce(x, q);
        int n = q[0] + ahead;
        BigInteger v = taylor(r, (n & 1) == 0);
        return (n & 2) != 0 ? v.negate() : v;
    }

    private static BigInteger taylor(BigInteger r, boolean sine) {
        BigInteger square = multiply(r, r).negate(), term = sine ? r : ONE, sum = term;
        for (int n = sine ? 2 : 1; term.signum() != 0 && n < 200; n += 2) {
            term = multiply(term, square).divide(BigInteger.valueOf((long) n * (n + 1)));
            sum = sum.add(term);
        }
        return sum;
    }

    /** Angle of y / x for positive y, x of the given sign. */
    static BigInteger atan2(int ye, long ys, int xe, long xs, boolean xNegative) {
        BigInteger pi = PI.shiftRight(PI_SCALE - SCALE), v;
        if (ye > xe || ye == xe && Long.compareUnsigned(ys, xs) > 0) {
            v = pi.shiftRight(1).subtract(atan(shift(unsigned(xs), SCALE + xe - ye).divide(unsigned(ys))));
        } else {
            v = atan(shift(unsigned(ys), SCALE + ye - xe).divide(unsigned(xs)));
        }
        return xNegative ? pi.subtract(v) : v;
    }

    /** 0 to 1: four halvings of the angle, then the series. */
    private static BigInteger atan(BigInteger t) {
        for (int i = 0; i < 4; i++) {
            BigInteger root = ONE.add(multiply(t, t)).shiftLeft(SCALE).sqrt();
            t = divide(t, ONE.add(root));
        }
        BigInteger square = multiply(t, t).negate(), term = t, sum = t;
        for (int n = 3; term.signum() != 0 && n < 400; n += 2) {
            term = multiply(term, square);
            sum = sum.add(term.divide(BigInteger.valueOf(n)));
        }
        return sum.shiftLeft(4);
    }

    static BigInteger exp2m1(BigInteger x) {
        BigInteger y = multiply(x, LN2), term = y, sum = y;
        for (int n = 2; term.signum() != 0 && n < 200; n++) {
            term = multiply(term, y).divide(BigInteger.valueOf(n));
            sum = sum.add(term);
        }
        return sum;
    }

    /** 2 artanh(z) = ln((1+z)/(1-z)). */
    private static BigInteger atanhDouble(BigInteger z) {
        BigInteger square = multiply(z, z), term = z, sum = z;
        for (int n = 3; term.signum() > 0 || term.bitLength() > 1; n += 2) {
            term = multiply(term, square);
            sum = sum.add(term.divide(BigInteger.valueOf(n)));
        }
        return sum.shiftLeft(1);
    }

    /** log2 of sig * 2^(exp-63). */
    static BigInteger log2(int exp, long sig) { return log2(unsigned(sig).shiftLeft(SCALE - 63), exp); }

    /** log2(m) + exp for m in [1, 2). */
    private static BigInteger log2(BigInteger m, int exp) {
        BigInteger whole = BigInteger.valueOf(exp).shiftLeft(SCALE);
        BigInteger z = m.subtract(ONE);
        return z.signum() == 0 ? whole : whole.add(multiply(atanhDouble(divide(z, m.add(ONE))), LOG2E));
    }

    /** log2(1 + x). */
    static BigInteger log2(BigInteger x) {
        if (x.signum() >= 0 ? x.compareTo(ONE) < 0 : x.negate().compareTo(ONE.shiftRight(1)) < 0) {
            return multiply(atanhDouble(divide(x, x.add(ONE.shiftLeft(1)))), LOG2E);
        }
        BigInteger m = x.add(ONE);
        int exp = m.bitLength() - 1 - SCALE;
        return log2(shift(m, -exp), exp);
    }
}
