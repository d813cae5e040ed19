package xen.hw.x86smp.fpu;

import java.math.BigInteger;

/**
 * F2XM1, FYL2X, FYL2XP1: special operands here, numbers by {@link Series} in wide fixed point, so that results are correctly rounded but for
 * cases nobody will find. Rare instructions: these allocate.
 */
abstract class X87Logarithms extends X87Arithmetic {
    /** Exponent of the smallest normal number in extended precision. */
    private static final int SMALLEST = -16382;

    /** Leaves a result of {@link Series} (never exact) in {@code f}. */
    void series(BigInteger v, int scale) {
        int n = v.abs().bitLength();
        BigInteger m = v.abs();
        f.kind = Num.NORMAL;
        f.sign = v.signum() < 0;
        f.exp = n - 1 - scale;
        m = n > 128 ? m.shiftRight(n - 128) : m.shiftLeft(128 - n);
        f.hi = m.shiftRight(64).longValue();
        f.lo = m.longValue() | 1;
    }

    /** The operand as fixed point with the scale of {@link Series}. */
    static BigInteger fixed(Num n) { return Series.fixed(n.sign, n.exp, n.sig); }

    void one() {
        b.fromLong(1);
        f.load(b, false);
    }

    /** ST(0) = 2^ST(0) - 1 for |ST(0)| at most 1. */
    void exp2m1(long r) {
        if (!unary(r)) {
            return;
        }
        if (!special(a)) {
            noteDenormal(a);
            if (a.kind == Num.ZERO) {
                f.load(a, a.sign);
            } else if (a.kind == Num.INFINITE || a.exp >= 0) {
                limitOfPower();
            } else if (a.exp < -70) {
                scaledByLn2();
            } else {
                series(Series.exp2m1(fixed(a)), Series.SCALE);
            }
        }
        if (finish(r, 64)) {
            put(r, 0);
        }
    }

    /** Beyond the range the operand stays as it is. */
    private void limitOfPower() {
        if (a.kind == Num.INFINITE && a.sign) {
            one();
            f.sign = true;
        } else if (a.sign && a.exp == 0 && a.sig == Long.MIN_VALUE) {
            one();
            f.sign = true;
            f.exp = -1;
        } else {
            f.load(a, a.sign);
            if (a.kind != Num.INFINITE && (a.exp > 0 || a.sig != Long.MIN_VALUE)) {
                f.flags |= SoftFloat.PE;
            }
        }
    }

    /** a * ln 2: the first term of the series is the whole result in 64 bits. */
    private void scaledByLn2() {
        BigInteger v = Series.unsigned(a.sig).multiply(Series.LN2);
        boolean s = a.sign;
        int e = a.exp;
        series(v, Series.SCALE + 63 - e);
        f.sign = s;
    }

    /** ST(1) = ST(1) * log2(ST(0)), pop. */
    void yl2x(long r) {
        if (!binary(r, 1, true)) {
            return;
        }
        if (!special(a, b)) {
            logarithm();
        }
        if (finish(r, 64)) {
            put(r, 1);
            pop(r);
        }
    }

    private void logarithm() {
        boolean isOne = a.kind == Num.NORMAL && !a.sign && a.exp == 0 && a.sig == Long.MIN_VALUE;
        if (a.kind == Num.ZERO) {
            if (b.kind == Num.ZERO) {
                invalid();
                return;
            }
            if (b.kind != Num.INFINITE) {
                f.flags |= SoftFloat.ZE;
            }
            infinite(!b.sign);
        } else if (a.sign) {
            invalid();
        } else if (a.kind == Num.INFINITE) {
            if (b.kind == Num.ZERO) {
                invalid();
            } else {
                noteDenormal(b);
                infinite(b.sign);
            }
        } else if (b.kind == Num.INFINITE) {
            if (isOne) {
                invalid();
            } else {
                noteDenormal(a);
                infinite(b.sign != a.exp < 0);
            }
        } else {
            noteDenormal(a);
            noteDenormal(b);
            boolean negative = b.sign != a.exp < 0;
            if (b.kind == Num.ZERO || isOne) {
                b.set(Num.ZERO, negative);
                f.load(b, negative);
            } else {
                product(Series.log2(a.exp, a.sig), Series.SCALE);
            }
        }
    }

    private void infinite(boolean s) {
        a.set(Num.INFINITE, s);
        f.load(a, s);
    }

    /** b times a fixed-point number; exact products stay exact, but below the normal numbers silicon reports them as inexact. */
    private void product(BigInteger v, int scale) {
        boolean s = b.sign != v.signum() < 0;
        BigInteger m = v.abs().multiply(Series.unsigned(b.sig));
        int e = b.exp;
        int zeros = m.getLowestSetBit();
        series(m, scale + 63 - e);
        if (m.bitLength() - zeros <= 128 && f.exp >= SMALLEST) {
            f.lo = m.bitLength() > 128 ? m.shiftRight(m.bitLength() - 128).longValue() : m.shiftLeft(128 - m.bitLength()).longValue();
        }
        f.sign = s;
    }

    /** ST(1) = ST(1) * log2(ST(0) + 1), pop. */
    void yl2xp1(long r) {
        if (!binary(r, 1, true)) {
            return;
        }
        if (!special(a, b)) {
            if (a.kind == Num.INFINITE && a.sign
                    || a.kind == Num.ZERO && b.kind == Num.INFINITE || a.kind == Num.INFINITE && b.kind == Num.ZERO) {
                invalid();
            } else {
                noteDenormal(a);
                noteDenormal(b);
                boolean s = a.sign != b.sign;
                if (a.kind == Num.INFINITE || b.kind == Num.INFINITE) {
                    infinite(s);
                } else if (a.kind == Num.ZERO || b.kind == Num.ZERO) {
                    b.set(Num.ZERO, s);
                    f.load(b, s);
                } else if (a.sign && a.exp >= 0) {
                    // out of range: the operand itself
                    f.load(a, true);
                    f.flags |= SoftFloat.PE;
                } else if (a.exp < -70) {
                    // log2(1+x) = x/ln 2 as far as 64 bits show.
                    int e = a.exp;
                    product(Series.unsigned(a.sig).multiply(Series.LOG2E), Series.SCALE + 63 - e);
                    f.sign = s;
                } else {
                    product(Series.log2(fixed(a)), Series.SCALE);
                }
            }
        }
        if (finish(r, 64)) {
            put(r, 1);
            pop(r);
        }
    }
}
