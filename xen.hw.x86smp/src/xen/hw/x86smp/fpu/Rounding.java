package xen.hw.x86smp.fpu;

/**
 * An unrounded result in {@code kind, sign, exp, hi, lo} (128-bit significand, the lowest bit sticky), and its way into a format: rounding
 * in every mode, denormal numbers, overflow, integers. The half of {@link SoftFloat} that knows no operation.
 */
abstract class Rounding {
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

    void begin(int roundingControl) {
        rc = roundingControl;
        flags = 0;
        up = false;
    }

    void special(int k, boolean s) {
        kind = k;
        sign = s;
        hi = lo = 0;
        exp = 0;
    }

    void invalid() {
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

    /** The 128-bit significand shifted right; lost bits are kept as a sticky lowest bit. */
    void shiftRight(int n) {
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

    void normalize() {
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

    /** The rounded result as binary16. */
    int pack16() {
        int s = sign ? 0x8000 : 0;
        return switch (kind) {
            case Num.ZERO -> s;
            case Num.INFINITE -> s | 0x7c00;
            case Num.QNAN -> 0xfe00;
            default -> s | (hi < 0 ? exp + 15 << 10 : 0) | (int) ((hi & Long.MAX_VALUE) >>> 53);
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
    void round16(int wrap) { if (kind == Num.NORMAL) { round(11, -14, 15, wrap, false); } }
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
