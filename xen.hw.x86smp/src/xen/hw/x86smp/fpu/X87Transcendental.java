package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get16;
import static xen.kernel.api.hw.VcpuContext.FSW;

import java.math.BigInteger;

/**
 * FSIN, FCOS, FSINCOS, FPTAN, FPATAN: special operands here, numbers by {@link Series}, as in {@link X87Logarithms}.
 */
abstract class X87Transcendental extends X87Logarithms {
    private static final int ONE_SE = 0x3fff;

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
}
