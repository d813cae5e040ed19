package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get16;
import static xen.kernel.api.hw.Raw.put16;
import static xen.kernel.api.hw.VcpuContext.FSW;

import java.math.BigInteger;

/**
 * FSIN, FCOS, FSINCOS, FPTAN, FPATAN, F2XM1, FYL2X, FYL2XP1: special operands here, numbers by {@link Series} in wide fixed point, so
 * that results are correctly rounded but for cases nobody will find. Rare instructions: these allocate.
 */
abstract class X87Transcendental extends X87Arithmetic {
    private static final int ONE_SE = 0x3fff;

    /** Leaves a result of {@link Series} (never exact) in {@code f}. */
    private void series(BigInteger v, int scale) {
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
    private static BigInteger fixed(Num n) { return Series.fixed(n.sign, n.exp, n.sig); }

    private void nearlySame(Num n, boolean below) {
        // x(1 -/+ tiny): a nudge below the last place, towards zero or away from it.
        f.load(n, n.sign);
        if (below) {
            f.hi -= 1;
            f.lo = -1L;
            if (f.hi >= 0) {
                f.hi = -1L;
                f.exp--;
            }
        } else {
            f.lo = 1;
        }
    }

    /** Common start of the trigonometric ones: true when ST(0) is a number in range, in {@code a}. */
    private boolean angle(long r) {
        conditions(r, get16(r + FSW) & CC & ~C2);
        if (!unary(r)) {
            return false;
        }
        if (special(a)) {
            return true;
        }
        if (a.kind == Num.INFINITE) {
            invalid();
        } else if (a.kind != Num.ZERO && a.exp >= 63) {
            clearC1(r);
            conditions(r, get16(r + FSW) & CC | C2);
            return false;
        } else {
            noteDenormal(a);
        }
        return true;
    }

    void sin(long r) {
        if (angle(r)) {
            if (!nan) {
                sine();
            }
            if (finish(r, 64)) {
                put(r, 0);
            }
        }
    }

    void cos(long r) {
        if (angle(r)) {
            if (!nan) {
                cosine();
            }
            if (finish(r, 64)) {
                put(r, 0);
            }
        }
    }

    private void sine() {
        if (a.kind == Num.ZERO) {
            f.load(a, a.sign);
        } else if (a.exp < -34) {
            nearlySame(a, true);
        } else {
            series(Series.sin(fixed(a)), Series.SCALE);
        }
    }

    private void cosine() {
        if (a.kind == Num.ZERO) {
            one();
        } else if (a.exp < -34) {
            one();
            f.exp = -1;
            f.hi = -1L;
            f.lo = -1L;
        } else {
            series(Series.cos(fixed(a)), Series.SCALE);
        }
    }

    private void one() {
        b.fromLong(1);
        f.load(b, false);
    }

    void sincos(long r) {
        if (pushFault(r) || !angle(r)) {
            return;
        }
        if (!nan) {
            sine();
        }
        if (!finish(r, 64)) {
            return;
        }
        put(r, 0);
        boolean n = nan;
        if (!n) {
            f.begin(rounding(r));
            cosine();
            finish(r, 64);
        }
        top(r, top(r) - 1);
        put(r, 0);
    }

    /** Instructions that push a second result: both become indefinite when the stack is full. */
    private boolean pushFault(long r) {
        if (empty(r, 0)) {
            conditions(r, get16(r + FSW) & CC & ~C2);
            if (stackFault(r, false)) {
                write(r, 0, INDEFINITE, INDEFINITE_SE);
                top(r, top(r) - 1);
                write(r, 0, INDEFINITE, INDEFINITE_SE);
            }
            return true;
        }
        if (empty(r, 7)) {
            return false;
        }
        conditions(r, get16(r + FSW) & CC & ~C2);
        if (stackFault(r, true)) {
            write(r, 0, INDEFINITE, INDEFINITE_SE);
            top(r, top(r) - 1);
            write(r, 0, INDEFINITE, INDEFINITE_SE);
        }
        return true;
    }

    void tan(long r) {
        if (pushFault(r) || !angle(r)) {
            return;
        }
        if (!nan) {
            if (a.kind == Num.ZERO) {
                f.load(a, a.sign);
            } else if (a.exp < -34) {
                nearlySame(a, false);
            } else {
                BigInteger x = fixed(a);
                series(Series.divide(Series.sin(x), Series.cos(x)), Series.SCALE);
            }
        }
        if (finish(r, 64)) {
            put(r, 0);
            boolean n = nan;
            top(r, top(r) - 1);
            if (n) {
                put(r, 0);
            } else {
                write(r, 0, Long.MIN_VALUE, ONE_SE);
            }
        }
    }

    /** ST(1) = arctan(ST(1)/ST(0)), pop. */
    void atan(long r) {
        if (!binary(r, 1, true)) {
            return;
        }
        if (!special(a, b)) {
            noteDenormal(a);
            noteDenormal(b);
            boolean s = b.sign;
            if (b.kind == Num.ZERO || a.kind == Num.INFINITE && b.kind != Num.INFINITE) {
                if (!a.sign) {
                    b.kind = Num.ZERO;
                    f.load(b, s);
                } else {
                    series(Series.PI, Series.PI_SCALE);
                }
            } else if (b.kind == Num.INFINITE || a.kind == Num.ZERO) {
                BigInteger v = Series.PI;
                int scale = Series.PI_SCALE + 1;
                if (a.kind == Num.INFINITE) {
                    v = a.sign ? v.multiply(BigInteger.valueOf(3)) : v;
                    scale = Series.PI_SCALE + 2;
                }
                series(v, scale);
            } else {
                quotientAngle();
            }
            f.sign = s;
        }
        if (finish(r, 64)) {
            put(r, 1);
            pop(r);
        }
    }

    private void quotientAngle() {
        int d = b.exp - a.exp;
        if (d > 200 || d < -200 && a.sign) {
            series(Series.PI, Series.PI_SCALE + (d > 200 ? 1 : 0));
        } else if (d < -40) {
            // arctan(q) is q less a third of its cube: the quotient, a little smaller.
            if (a.sign) {
                series(Series.atan2(b.exp, b.sig, a.exp, a.sig, true), Series.SCALE);
                return;
            }
            f.divide(b, a);
            if (f.lo == 0) {
                f.hi--;
                f.lo = -1;
                if (f.hi >= 0) {
                    f.hi = -1;
                    f.exp--;
                }
            }
        } else {
            series(Series.atan2(b.exp, b.sig, a.exp, a.sig, a.sign), Series.SCALE);
        }
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

    /** b times a fixed-point number; exact products stay exact. */
    private void product(BigInteger v, int scale) {
        boolean s = b.sign != v.signum() < 0;
        BigInteger m = v.abs().multiply(Series.unsigned(b.sig));
        int e = b.exp;
        int zeros = m.getLowestSetBit();
        series(m, scale + 63 - e);
        if (m.bitLength() - zeros <= 128) {
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
