package xen.hw.x86smp.fpu;

/**
 * IEEE 754 arithmetic in integers, for every format and rounding mode of x86: the exact path under x87 and the slow path under SSE.
 *
 * <p>An operation leaves an unrounded result in {@code kind, sign, exp, hi, lo} (128-bit significand, the lowest bit sticky) and its
 * exceptions in {@code flags}; a {@code round...} call then fits it to a format. NaN operands never come here: x87 and SSE choose
 * among them by different rules. One instance a CPU, reused, never shared by threads; nothing allocates.
 */
final class SoftFloat {
    static final int IE = 1, DE = 2, ZE = 4, OE = 8, UE = 16, PE = 32;
    static final int NEAREST = 0, DOWN = 1, UP = 2, CHOP = 3;
    /** What the exponent is moved by when an unmasked overflow or underflow is left in an x87 register. */
    static final int WRAP = 24576;

    /** Rounding mode, in the encoding that FCW and MXCSR share. */
    int rc;
    /** Exceptions of the operation under way. */
    int flags;
    /** The last rounding increased the magnitude (x87's C1). */
    boolean up;

    /** Result: ZERO, NORMAL, INFINITE, or QNAN for the default NaN. */
    int kind;
    boolean sign;
    int exp;
    long hi, lo;
    /** Remainder of the last {@link #divide}. */
    private long rest;

    void begin(int roundingControl) {
        rc = roundingControl;
        flags = 0;
        up = false;
    }

    private void special(int k, boolean s) {
        kind = k;
        sign = s;
        hi = lo = 0;
        exp = 0;
    }

    private void invalid() {
        flags |= IE;
        special(Num.QNAN, true);
    }

    void load(Num n, boolean s) {
        kind = n.kind == Num.DENORMAL ? Num.NORMAL : n.kind;
        sign = s;
        exp = n.exp;
        hi = n.sig;
        lo = 0;
    }

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

    /** The 128-bit significand shifted right; lost bits are kept as a sticky lowest bit. */
    private void shiftRight(int n) {
        if (n == 0) {
            return;
        }
        long lost;
        if (n >= 128) {
            lost = hi | lo;
            hi = lo = 0;
        } else if (n >= 64) {
            lost = n == 64 ? lo : lo | hi << 128 - n;
            lo = n == 64 ? hi : hi >>> n - 64;
            hi = 0;
        } else {
            lost = lo << 64 - n;
            lo = lo >>> n | hi << 64 - n;
            hi >>>= n;
        }
        if (lost != 0) {
            lo |= 1;
        }
    }

    private void normalize() {
        if (hi == 0) {
            hi = lo;
            lo = 0;
            exp -= 64;
        }
        int n = Long.numberOfLeadingZeros(hi);
        if (n != 0) {
            hi = hi << n | lo >>> 64 - n;
            lo <<= n;
            exp -= n;
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

    /**
     * Fits a finite result to a format of {@code p} bits and the given range of exponents: afterwards {@code hi} holds the significand
     * (top bit clear only for a denormal number, whose {@code exp} is {@code emin}) or {@code kind} has become INFINITE or ZERO.
     * {@code wrap}: bits OE and UE where the exception is unmasked and the exponent shall wrap; {@code flush}: tiny results become 0.
     */
    void round(int p, int emin, int emax, int wrap, boolean flush) {
        boolean tiny = false;
        if (exp < emin) {
            tiny = exp < emin - 1 || !carries(p);
            if (tiny && (wrap & UE) != 0) {
                wrapTiny(p);
                return;
            } else if (tiny && flush) {
                flags |= UE | PE;
                special(Num.ZERO, sign);
                return;
            } else {
                shiftRight(emin - exp);
                exp = emin;
            }
        }
        if (cut(p)) {
            flags |= tiny ? UE | PE : PE;
        }
        if (hi == 0) {
            kind = Num.ZERO;
        } else if (exp > emax) {
            overflow(p, emax, (wrap & OE) != 0);
        }
    }

    private void wrapTiny(int p) {
        flags |= UE;
        exp += WRAP;
        if (exp < -16382) {
            flags |= PE;
            special(Num.ZERO, sign);
        } else if (cut(p)) {
            flags |= PE;
        }
    }

    private void overflow(int p, int emax, boolean wrap) {
        flags |= OE;
        if (wrap) {
            exp -= WRAP;
            if (exp > 16383) {
                flags |= PE;
                special(Num.INFINITE, sign);
                up = true;
            }
            return;
        }
        flags |= PE;
        up = rc == NEAREST || rc == (sign ? DOWN : UP);
        if (up) {
            special(Num.INFINITE, sign);
        } else {
            exp = emax;
            hi = -1L << 64 - p;
        }
    }

    /** Would rounding to p bits carry into the next power of two? */
    private boolean carries(int p) {
        long ulp = 1L << 64 - p;
        return (hi | ulp - 1) == -1 && increments(ulp);
    }

    private boolean increments(long ulp) {
        long below = ulp == 1 ? lo : (hi & ulp - 1) << Long.numberOfLeadingZeros(ulp) + 1 | (lo != 0 ? 1 : 0);
        if (below == 0) {
            return false;
        }
        return switch (rc) {
            case NEAREST -> below < 0 && (below != Long.MIN_VALUE || (hi & ulp) != 0);
            case DOWN -> sign;
            case UP -> !sign;
            default -> false;
        };
    }

    /** Rounds the significand to p bits at its place; true if bits were lost. */
    private boolean cut(int p) {
        long ulp = 1L << 64 - p;
        boolean inexact = (hi & ulp - 1 | lo) != 0;
        up = increments(ulp);
        hi &= -ulp;
        lo = 0;
        if (up) {
            hi += ulp;
            if (hi == 0) {
                hi = Long.MIN_VALUE;
                exp++;
            }
        }
        return inexact;
    }

    /** Rounds to an integer at the binary point; the result is exact in 64 bits or is the number itself when that is larger. */
    void roundToInteger() {
        if (kind != Num.NORMAL || exp >= 63) {
            return;
        }
        int n = 63 - exp;
        shiftRight(n);
        exp = 63;
        boolean inexact = lo != 0;
        up = increments(1);
        if (up) {
            hi++;
        }
        if (inexact) {
            flags |= PE;
        }
        lo = 0;
        if (hi == 0) {
            special(Num.ZERO, sign);
        } else {
            normalize();
        }
    }

    /** The rounded result as binary64; the default NaN for QNAN. */
    long pack64() {
        long s = sign ? Long.MIN_VALUE : 0;
        return switch (kind) {
            case Num.ZERO -> s;
            case Num.INFINITE -> s | 0x7ffL << 52;
            case Num.QNAN -> 0xfff8L << 48;
            default -> s | (hi < 0 ? (long) (exp + 1023) << 52 : 0) | (hi & Long.MAX_VALUE) >>> 11;
        };
    }

    /** The rounded result as binary32. */
    int pack32() {
        int s = sign ? Integer.MIN_VALUE : 0;
        return switch (kind) {
            case Num.ZERO -> s;
            case Num.INFINITE -> s | 0xff << 23;
            case Num.QNAN -> 0xffc0_0000;
            default -> s | (hi < 0 ? exp + 127 << 23 : 0) | (int) ((hi & Long.MAX_VALUE) >>> 40);
        };
    }

    /** Sign and exponent of the rounded result in the extended format; its significand is {@link #significand}. */
    int signExponent() {
        int s = sign ? 0x8000 : 0;
        return switch (kind) {
            case Num.ZERO -> s;
            case Num.INFINITE, Num.QNAN -> s | 0x7fff;
            default -> s | (hi < 0 ? exp + 16383 : 0);
        };
    }

    long significand() {
        return switch (kind) {
            case Num.ZERO -> 0;
            case Num.INFINITE -> Long.MIN_VALUE;
            case Num.QNAN -> 3L << 62;
            default -> hi;
        };
    }

    void round64(int wrap, boolean flush) { if (kind == Num.NORMAL) { round(53, -1022, 1023, wrap, flush); } }
    void round32(int wrap, boolean flush) { if (kind == Num.NORMAL) { round(24, -126, 127, wrap, flush); } }
    void round80(int p, int wrap) { if (kind == Num.NORMAL) { round(p, -16382, 16383, wrap, false); } }

    /** Rounded to an integer of {@code bits} bits; out of range and NaN: IE and the indefinite value. */
    long toInteger(Num a, int bits, int roundingControl) {
        long indefinite = Long.MIN_VALUE >> 64 - bits;
        if (a.kind >= Num.INFINITE || a.kind != Num.ZERO && a.exp > 63) {
            flags |= IE;
            return indefinite;
        }
        if (a.kind == Num.ZERO) {
            return 0;
        }
        load(a, a.sign);
        rc = roundingControl;
        int before = flags;
        roundToInteger();
        if (kind == Num.ZERO) {
            return 0;
        }
        long v = exp > 63 ? 0 : hi >>> 63 - exp;
        boolean fits = exp < bits - 1 || exp == bits - 1 && sign && hi == Long.MIN_VALUE;
        if (!fits) {
            flags = before | IE;
            up = false;
            return indefinite;
        }
        return sign ? -v : v;
    }
}
