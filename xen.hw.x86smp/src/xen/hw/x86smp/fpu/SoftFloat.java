package xen.hw.x86smp.fpu;

/**
 * IEEE 754 arithmetic in integers, for every format and rounding mode of x86: the exact path under x87 and the slow path under SSE.
 *
 * <p>An operation leaves an unrounded result in {@code kind, sign, exp, hi, lo} (128-bit significand, the lowest bit sticky) and its
 * exceptions in {@code flags}; a {@code round...} call then fits it to a format. NaN operands never come here: x87 and SSE choose
 * among them by different rules. One instance a CPU, reused, never shared by threads; nothing allocates.
 */
final class SoftFloat extends Rounding {
    /** Remainder of the last {@link #divide}. */
    private long rest;

    private void noteDenormal(Num a, Num b) {
        if (a.kind == Num.DENORMAL || b.kind == Num.DENORMAL) {
            flags |= DE;
        }
    }

    /** a + b, where {@code bSign} stands for b's sign (negated for a subtraction). */
    void add(Num a, Num b, boolean bSign) {
        if (a.kind == Num.INFINITE && b.kind == Num.INFINITE && a.sign != bSign) {
            invalid();
            return;
        }
        noteDenormal(a, b);
        if (a.kind == Num.INFINITE || b.kind == Num.INFINITE) {
            special(Num.INFINITE, a.kind == Num.INFINITE ? a.sign : bSign);
        } else if (a.kind == Num.ZERO && b.kind == Num.ZERO) {
            special(Num.ZERO, a.sign == bSign ? a.sign : rc == DOWN);
        } else if (a.kind == Num.ZERO) {
            load(b, bSign);
        } else if (b.kind == Num.ZERO) {
            load(a, a.sign);
        } else if (a.exp < b.exp || a.exp == b.exp && Long.compareUnsigned(a.sig, b.sig) < 0) {
            sum(b, bSign, a, a.sign);
        } else {
            sum(a, a.sign, b, bSign);
        }
    }

    private void sum(Num big, boolean bigSign, Num small, boolean smallSign) {
        kind = Num.NORMAL;
        sign = bigSign;
        exp = big.exp;
        hi = small.sig;
        lo = 0;
        shiftRight(big.exp - small.exp);
        if (bigSign == smallSign) {
            long h = hi;
            hi += big.sig;
            if (Long.compareUnsigned(hi, h) < 0) {
                lo = lo >>> 1 | lo & 1 | hi << 63;
                hi = hi >>> 1 | Long.MIN_VALUE;
                exp++;
            }
            return;
        }
        hi = big.sig - hi - (lo != 0 ? 1 : 0);
        lo = -lo;
        if ((hi | lo) == 0) {
            special(Num.ZERO, rc == DOWN);
        } else {
            normalize();
        }
    }

    void multiply(Num a, Num b) {
        boolean s = a.sign != b.sign;
        if (a.kind == Num.INFINITE && b.kind == Num.ZERO || a.kind == Num.ZERO && b.kind == Num.INFINITE) {
            invalid();
            return;
        }
        noteDenormal(a, b);
        if (a.kind == Num.INFINITE || b.kind == Num.INFINITE) {
            special(Num.INFINITE, s);
        } else if (a.kind == Num.ZERO || b.kind == Num.ZERO) {
            special(Num.ZERO, s);
        } else {
            kind = Num.NORMAL;
            sign = s;
            exp = a.exp + b.exp + 1;
            hi = Math.unsignedMultiplyHigh(a.sig, b.sig);
            lo = a.sig * b.sig;
            normalize();
        }
    }

    /** a * b + c with one rounding; {@code negate}: the product's sign is turned, {@code cSign} stands for c's. */
    void multiplyAdd(Num a, Num b, Num c, boolean negate, boolean cSign) {
        multiply(a, b);
        if (kind == Num.QNAN) {
            return;
        }
        sign ^= negate;
        if (c.kind == Num.DENORMAL) {
            flags |= DE;
        }
        if (kind == Num.INFINITE) {
            if (c.kind == Num.INFINITE && cSign != sign) {
                flags &= ~DE;
                invalid();
            }
        } else if (c.kind == Num.INFINITE) {
            special(Num.INFINITE, cSign);
        } else if (kind == Num.ZERO) {
            if (c.kind == Num.ZERO) {
                special(Num.ZERO, sign == cSign ? sign : rc == DOWN);
            } else {
                load(c, cSign);
            }
        } else if (c.kind != Num.ZERO) {
            addToProduct(c, cSign);
        }
    }

    /** The product has at most 106 bits: what is shifted out of 128 is below everything that rounding looks at. */
    private void addToProduct(Num c, boolean cSign) {
        boolean bigSign = sign, smallSign = cSign;
        int bigExp = exp, smallExp = c.exp;
        long bigHi = hi, bigLo = lo;
        int order = exp != c.exp ? Integer.compare(exp, c.exp) : hi != c.sig ? Long.compareUnsigned(hi, c.sig) : lo != 0 ? 1 : 0;
        if (order < 0) {
            bigSign = cSign;
            smallSign = sign;
            bigExp = c.exp;
            smallExp = exp;
            bigHi = c.sig;
            bigLo = 0;
        } else {
            hi = c.sig;
            lo = 0;
        }
        shiftRight(bigExp - smallExp);
        sign = bigSign;
        exp = bigExp;
        if (bigSign == smallSign) {
            long l = lo + bigLo, carry = Long.compareUnsigned(l, lo) < 0 ? 1 : 0, h = hi + bigHi + carry;
            boolean over = Long.compareUnsigned(h, bigHi) < 0 || carry != 0 && h == bigHi;
            hi = h;
            lo = l;
            if (over) {
                lo = lo >>> 1 | lo & 1 | hi << 63;
                hi = hi >>> 1 | Long.MIN_VALUE;
                exp++;
            }
            return;
        }
        long borrow = Long.compareUnsigned(bigLo, lo) < 0 ? 1 : 0;
        hi = bigHi - hi - borrow;
        lo = bigLo - lo;
        if ((hi | lo) == 0) {
            special(Num.ZERO, rc == DOWN);
        } else {
            normalize();
        }
    }

    void divide(Num a, Num b) {
        boolean s = a.sign != b.sign;
        if (a.kind == b.kind && (a.kind == Num.INFINITE || a.kind == Num.ZERO)) {
            invalid();
            return;
        }
        if (b.kind == Num.ZERO) {
            if (a.kind != Num.INFINITE) {
                flags |= ZE;
            }
            special(Num.INFINITE, s);
            return;
        }
        noteDenormal(a, b);
        if (a.kind == Num.INFINITE) {
            special(Num.INFINITE, s);
        } else if (a.kind == Num.ZERO || b.kind == Num.INFINITE) {
            special(Num.ZERO, s);
        } else {
            kind = Num.NORMAL;
            sign = s;
            boolean less = Long.compareUnsigned(a.sig, b.sig) < 0;
            exp = a.exp - b.exp - (less ? 1 : 0);
            hi = less ? divide(a.sig, 0, b.sig) : divide(a.sig >>> 1, a.sig << 63, b.sig);
            lo = divide(rest, 0, b.sig);
            if (rest != 0) {
                lo |= 1;
            }
        }
    }

    /** nh:nl / d for nh below d and d with its top bit set; two 32-bit digits. The remainder is in {@code rest}. */
    long divide(long nh, long nl, long d) {
        long d1 = d >>> 32;
        long q1 = digit(nh, nl >>> 32, d1, d & 0xffff_ffffL);
        long mid = (nh << 32 | nl >>> 32) - q1 * d;
        long q0 = digit(mid, nl & 0xffff_ffffL, d1, d & 0xffff_ffffL);
        rest = (mid << 32 | nl & 0xffff_ffffL) - q0 * d;
        return (q1 << 32) + q0;
    }

    long remainder() { return rest; }

    private static long digit(long n, long next, long d1, long d0) {
        long q = Long.divideUnsigned(n, d1);
        long r = n - q * d1;
        while (q >>> 32 != 0 || Long.compareUnsigned(q * d0, r << 32 | next) > 0) {
            q--;
            r += d1;
            if (r >>> 32 != 0) {
                break;
            }
        }
        return q;
    }

    void squareRoot(Num a) {
        if (a.kind == Num.ZERO) {
            special(Num.ZERO, a.sign);
        } else if (a.sign) {
            invalid();
        } else if (a.kind == Num.INFINITE) {
            special(Num.INFINITE, false);
        } else {
            noteDenormal(a, a);
            kind = Num.NORMAL;
            sign = false;
            exp = a.exp >> 1;
            boolean odd = (a.exp & 1) != 0;
            root(odd ? a.sig : a.sig >>> 1, odd ? 0 : a.sig << 63);
        }
    }

    /** Integer root of a radicand of 127 or 128 bits: an estimate in double, one Newton step, then steps of one. */
    private void root(long rh, long rl) {
        double estimate = Math.sqrt(unsigned(rh) * 0x1p64 + unsigned(rl));
        long s = estimate >= 0x1p64 ? -1L : (long) (estimate - 0x1p63) ^ Long.MIN_VALUE;
        long dl = rl - s * s;
        long dh = rh - Math.unsignedMultiplyHigh(s, s) - (Long.compareUnsigned(rl, s * s) < 0 ? 1 : 0);
        s += (long) Math.floor((dh * 0x1p64 + unsigned(dl)) / (2 * estimate));
        dl = rl - s * s;
        dh = rh - Math.unsignedMultiplyHigh(s, s) - (Long.compareUnsigned(rl, s * s) < 0 ? 1 : 0);
        while (dh < 0) {
            s--;
            long l = dl;
            dl += s << 1 | 1;
            dh += (s >>> 63) + (Long.compareUnsigned(dl, l) < 0 ? 1 : 0);
        }
        while (dh > s >>> 63 || dh == s >>> 63 && Long.compareUnsigned(dl, s << 1) > 0) {
            long l = dl;
            dl -= s << 1 | 1;
            dh -= (s >>> 63) + (Long.compareUnsigned(dl, l) > 0 ? 1 : 0);
            s++;
        }
        hi = s;
        // The root lies above s + 1/2 exactly when the rest exceeds s; it is never equal to it.
        lo = (dh | dl) == 0 ? 0 : dh != 0 || Long.compareUnsigned(dl, s) > 0 ? Long.MIN_VALUE | 1 : 1;
    }

    static double unsigned(long v) { return (v >>> 1) * 2.0 + (v & 1); }
}
