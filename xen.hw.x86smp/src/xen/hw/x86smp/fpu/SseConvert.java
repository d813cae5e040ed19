package xen.hw.x86smp.fpu;

/** Conversions of single elements between integers and the two formats, rounding to integers, and the approximations. */
abstract class SseConvert extends SseControl {
    long floatToDouble(int v) {
        if ((v & EXP32) != 0 && (v & EXP32) != EXP32 || v << 1 == 0) {
            return Double.doubleToRawLongBits(Float.intBitsToFloat(v));
        }
        if (isNan(v)) {
            if (isSnan(v)) {
                raised |= SoftFloat.IE;
            }
            return (v & 0x8000_0000L) << 32 | EXP64 | QUIET64 | (v & 0x3f_ffffL) << 29;
        }
        if (denormal(v)) {
            if (daz()) {
                return (v & 0x8000_0000L) << 32;
            }
            raised |= SoftFloat.DE;
        }
        return Double.doubleToRawLongBits(Float.intBitsToFloat(v));
    }

    int doubleToFloat(long v) {
        if (isNan(v)) {
            if (isSnan(v)) {
                raised |= SoftFloat.IE;
            }
            return (int) (v >>> 32) & 0x8000_0000 | EXP32 | QUIET32 | (int) (v >>> 29) & 0x3f_ffff;
        }
        start(rc());
        load64(a, v);
        if (a.kind == Num.DENORMAL) {
            f.flags |= SoftFloat.DE;
        }
        f.load(a, a.sign);
        return finish32();
    }

    /** From binary16, exact; a denormal number is none in binary32 and raises nothing. */
    int halfToFloat(int v) {
        int s = (v & 0x8000) << 16, e = v >> 10 & 31, m = v & 0x3ff;
        if (e == 31) {
            if (m == 0) {
                return s | EXP32;
            }
            if ((m & 0x200) == 0) {
                raised |= SoftFloat.IE;
            }
            return s | EXP32 | QUIET32 | m << 13;
        }
        if (e != 0) {
            return s | e + 112 << 23 | m << 13;
        }
        if (m == 0) {
            return s;
        }
        int n = Integer.numberOfLeadingZeros(m) - 21;
        return s | 113 - n << 23 | (m << n & 0x3ff) << 13;
    }

    /** To binary16 in rounding mode {@code mode}; MXCSR.FTZ does not count. */
    int floatToHalf(int v, int mode) {
        if (isNan(v)) {
            if (isSnan(v)) {
                raised |= SoftFloat.IE;
            }
            return v >>> 16 & 0x8000 | 0x7e00 | v >>> 13 & 0x3ff;
        }
        start(mode);
        load32(a, v);
        if (a.kind == Num.DENORMAL) {
            f.flags |= SoftFloat.DE;
        }
        f.load(a, a.sign);
        f.round16(unmasked());
        done();
        return f.pack16();
    }

    int fromInt32(int v) {
        float r = v;
        if ((mxcsr & RC) == 0 && (Math.abs(v) <= 1 << 24 || (mxcsr & QUIET) == QUIET_RN)) {
            return Float.floatToRawIntBits(r);
        }
        return fromLong32(v);
    }

    int fromLong32(long v) {
        start(rc());
        a.fromLong(v);
        f.load(a, a.sign);
        return finish32();
    }

    long fromLong64(long v) {
        if (v << 11 >> 11 == v) {
            return Double.doubleToRawLongBits(v);
        }
        start(rc());
        a.fromLong(v);
        f.load(a, a.sign);
        f.round64(0, false);
        done();
        return f.pack64();
    }

    /** CVT(T)xx2SI and the packed forms: a signed integer of {@code bits} bits. */
    long toInteger64(long v, int bits, boolean truncate) {
        double d = Double.longBitsToDouble(v);
        long i = (long) d;
        if (i == d && (bits == 64 ? i != Long.MAX_VALUE && i != Long.MIN_VALUE : i == (int) i)) {
            return i;
        }
        load64(a, v);
        return toInteger(bits, truncate);
    }

    long toInteger32(int v, int bits, boolean truncate) {
        float d = Float.intBitsToFloat(v);
        int i = (int) d;
        if (i == d && i != Integer.MAX_VALUE && i != Integer.MIN_VALUE) {
            return i;
        }
        load32(a, v);
        return toInteger(bits, truncate);
    }

    private long toInteger(int bits, boolean truncate) {
        start(rc());
        long r = f.toInteger(a, bits, truncate ? SoftFloat.CHOP : rc());
        raised |= f.flags;
        return r;
    }

    // ---- ROUNDxx: imm bits 0-1 rounding mode, bit 2 MXCSR's instead, bit 3 no precision exception

    long round64(long v, int imm) {
        if (isNan(v)) {
            if (isSnan(v)) {
                raised |= SoftFloat.IE;
            }
            return v | QUIET64;
        }
        load64(a, v);
        roundElement(imm);
        return f.pack64();
    }

    int round32(int v, int imm) {
        if (isNan(v)) {
            if (isSnan(v)) {
                raised |= SoftFloat.IE;
            }
            return v | QUIET32;
        }
        load32(a, v);
        roundElement(imm);
        return f.pack32();
    }

    private void roundElement(int imm) {
        start((imm & 4) != 0 ? rc() : imm & 3);
        f.load(a, a.sign);
        f.roundToInteger();
        raised |= (imm & 8) != 0 ? f.flags & ~SoftFloat.PE : f.flags;
    }

    // ---- RCPxx and RSQRTxx: better than the 12 bits that are promised, no exceptions, denormal numbers count as zero

    static int reciprocal(int v) {
        if (isNan(v)) {
            return v | QUIET32;
        }
        if ((v & EXP32) == 0) {
            return v & 0x8000_0000 | EXP32;
        }
        int r = Float.floatToRawIntBits(1 / Float.intBitsToFloat(v));
        return (r & EXP32) == 0 ? r & 0x8000_0000 : r;
    }

    static int reciprocalRoot(int v) {
        if (isNan(v)) {
            return v | QUIET32;
        }
        if ((v & EXP32) == 0) {
            return v & 0x8000_0000 | EXP32;
        }
        return v < 0 ? DEFAULT32 : Float.floatToRawIntBits((float) (1 / Math.sqrt(Float.intBitsToFloat(v))));
    }
}
