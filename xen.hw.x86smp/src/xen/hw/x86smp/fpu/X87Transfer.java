package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get16;
import static xen.kernel.api.hw.Raw.get32;
import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.put16;
import static xen.kernel.api.hw.Raw.put32;
import static xen.kernel.api.hw.Raw.put64;
import static xen.kernel.api.hw.VcpuContext.FCW;
import static xen.kernel.api.hw.VcpuContext.FSW;
import static xen.kernel.api.hw.VcpuContext.FTW;

import xen.kernel.api.hw.Raw;

/** x87 loads, stores and conversions. Memory operands are host addresses, so that the op has taken every fault before. */
abstract class X87Transfer extends X87Transcendental {
    /** Formats of memory operands. */
    static final int F32 = 0, F64 = 1, F80 = 2, I16 = 3, I32 = 4, I64 = 5, BCD = 6;

    /** FLDL2T..: significand, sign and exponent, and which way nearest rounding went (-1 down, 1 up). FLD1 to FLDZ in opcode order. */
    private static final long[] CONSTANT = {0x8000_0000_0000_0000L, 0xd49a_784b_cd1b_8afeL, 0xb8aa_3b29_5c17_f0bcL, 0xc90f_daa2_2168_c235L,
        0x9a20_9a84_fbcf_f799L, 0xb172_17f7_d1cf_79acL, 0};
    private static final int[] CONSTANT_SE = {0x3fff, 0x4000, 0x3fff, 0x4000, 0x3ffd, 0x3ffe, 0};
    private static final int[] ROUNDED = {0, -1, 1, 1, 1, 1, 0};

    void loadConstant(long r, int which) {
        long sig = CONSTANT[which];
        int mode = rounding(r);
        if (ROUNDED[which] > 0 && (mode == SoftFloat.DOWN || mode == SoftFloat.CHOP)) {
            sig--;
        } else if (ROUNDED[which] < 0 && mode == SoftFloat.UP) {
            sig++;
        }
        push(r, sig, CONSTANT_SE[which]);
    }

    /** Takes a memory operand apart into {@code b}, for arithmetic and comparison. */
    void operand(long h, int format) {
        switch (format) {
            case F32 -> b.unpack32(get32(h));
            case F64 -> b.unpack64(get64(h));
            case I16 -> b.fromLong((short) get16(h));
            case I32 -> b.fromLong(get32(h));
            default -> b.fromLong(get64(h));
        }
    }

    void load(long r, long h, int format) {
        if (format == F80) {
            push(r, get64(h), get16(h + 8));
            return;
        }
        if (!empty(r, 7)) {
            push(r, 0, 0);
            return;
        }
        begin(r);
        if (format == BCD) {
            loadDecimal(h);
        } else {
            operand(h, format);
        }
        if (!special(b)) {
            noteDenormal(b);
            f.load(b, b.sign);
        }
        // A denormal operand is loaded even where that exception is unmasked.
        boolean denormal = !nan && f.flags == SoftFloat.DE;
        if (finish(r, 64) || denormal) {
            top(r, top(r) - 1);
            put(r, 0);
        }
    }

    private void loadDecimal(long h) {
        long v = 0;
        for (int i = 8; i >= 0; i--) {
            int d = Raw.get8(h + i);
            v = v * 100 + (d >> 4) * 10 + (d & 15);
        }
        b.fromLong(v);
        b.sign = (Raw.get8(h + 9) & 0x80) != 0;
    }

    /** FLD ST(i). */
    void loadRegister(long r, int i) {
        if (empty(r, i)) {
            if (stackFault(r, false)) {
                top(r, top(r) - 1);
                write(r, 0, INDEFINITE, INDEFINITE_SE);
            }
            return;
        }
        long p = st(r, i);
        push(r, get64(p), get16(p + 8));
    }

    /** FST(P) ST(i). */
    void storeRegister(long r, int i, boolean pop) {
        long sig = INDEFINITE;
        int se = INDEFINITE_SE;
        if (empty(r, 0)) {
            if (!stackFault(r, false)) {
                return;
            }
        } else {
            clearC1(r);
            sig = get64(st(r, 0));
            se = get16(st(r, 0) + 8);
        }
        write(r, i, sig, se);
        if (pop) {
            pop(r);
        }
    }

    /** D9 D8+i: an FSTP that takes no notice of an empty ST(0). */
    void storeUnchecked(long r, int i) {
        if (empty(r, 0)) {
            clearC1(r);
            pop(r);
        } else {
            storeRegister(r, i, true);
        }
    }

    void exchange(long r, int i) {
        if (empty(r, 0) || empty(r, i)) {
            if (!stackFault(r, false)) {
                return;
            }
            if (empty(r, 0)) {
                write(r, 0, INDEFINITE, INDEFINITE_SE);
            }
            if (empty(r, i)) {
                write(r, i, INDEFINITE, INDEFINITE_SE);
            }
        } else {
            clearC1(r);
        }
        long p = st(r, 0), q = st(r, i), sig = get64(p);
        int se = get16(p + 8);
        write(r, 0, get64(q), get16(q + 8));
        write(r, i, sig, se);
    }

    /** FCMOVcc. */
    void moveIf(long r, int i, boolean condition) {
        if (empty(r, 0) || empty(r, i)) {
            if (stackFault(r, false)) {
                write(r, 0, INDEFINITE, INDEFINITE_SE);
            }
            return;
        }
        if (condition) {
            long q = st(r, i);
            write(r, 0, get64(q), get16(q + 8));
        }
    }

    /** FST, FIST, FISTTP, FBSTP and their popping forms. */
    void store(long r, long h, int format, boolean truncate, boolean pop) {
        begin(r);
        boolean written;
        if (empty(r, 0)) {
            written = stackFault(r, false);
            if (written) {
                storeIndefinite(h, format);
            }
        } else {
            read(a, r, 0);
            written = switch (format) {
                case F32, F64 -> storeFloat(r, h, format == F32);
                case F80 -> {
                    clearC1(r);
                    put64(h, get64(st(r, 0)));
                    put16(h + 8, get16(st(r, 0) + 8));
                    yield true;
                }
                default -> storeInteger(r, h, format, truncate);
            };
        }
        if (written && pop) {
            pop(r);
        }
    }

    private static void storeIndefinite(long h, int format) {
        switch (format) {
            case F32 -> put32(h, 0xffc0_0000);
            case F64 -> put64(h, 0xfff8L << 48);
            case F80 -> {
                put64(h, INDEFINITE);
                put16(h + 8, INDEFINITE_SE);
            }
            case I16 -> put16(h, 0x8000);
            case I32 -> put32(h, 0x8000_0000);
            case I64 -> put64(h, Long.MIN_VALUE);
            default -> {
                put64(h, 0xc000L << 48);
                put16(h + 8, 0xffff);
            }
        }
    }

    private boolean storeFloat(long r, long h, boolean single) {
        int unmasked = ~masks(r);
        long bits;
        if (special(a)) {
            long s = (long) (nanSe & 0x8000) << 48;
            bits = single ? s >>> 32 | 0x7f80_0000L | nanSig << 1 >>> 41 : s | 0x7ffL << 52 | nanSig << 1 >>> 12;
        } else {
            f.load(a, a.sign);
            boolean tiny = a.kind != Num.ZERO && a.isFinite() && a.exp < (single ? -126 : -1022);
            if (single) {
                f.round32(0, false);
                bits = f.pack32();
            } else {
                f.round64(0, false);
                bits = f.pack64();
            }
            if (tiny && (f.flags & SoftFloat.PE) == 0 && (unmasked & SoftFloat.UE) != 0) {
                f.flags |= SoftFloat.UE;
            }
        }
        if ((f.flags & unmasked & (SoftFloat.OE | SoftFloat.UE)) != 0) {
            raise(r, f.flags & ~SoftFloat.PE, false);
            return false;
        }
        raise(r, f.flags, !nan && f.up);
        if ((f.flags & unmasked & SoftFloat.IE) != 0) {
            return false;
        }
        if (single) {
            put32(h, (int) bits);
        } else {
            put64(h, bits);
        }
        return true;
    }

    private boolean storeInteger(long r, long h, int format, boolean truncate) {
        int bits = format == I16 ? 16 : format == I32 ? 32 : 64;
        long v = f.toInteger(a, bits, truncate ? SoftFloat.CHOP : rounding(r));
        if (format == BCD && (v == Long.MIN_VALUE || Math.abs(v) >= 1_000_000_000_000_000_000L)) {
            f.flags = SoftFloat.IE;
            f.up = false;
        }
        raise(r, f.flags, f.up);
        if ((f.flags & ~masks(r) & SoftFloat.IE) != 0) {
            return false;
        }
        if ((f.flags & SoftFloat.IE) != 0) {
            storeIndefinite(h, format);
            return true;
        }
        switch (format) {
            case I16 -> put16(h, (int) v);
            case I32 -> put32(h, (int) v);
            case I64 -> put64(h, v);
            default -> storeDecimal(h, v, a.sign);
        }
        return true;
    }

    private static void storeDecimal(long h, long v, boolean negative) {
        v = Math.abs(v);
        for (int i = 0; i < 9; i++) {
            int d = (int) (v % 100);
            Raw.put8(h + i, d / 10 << 4 | d % 10);
            v /= 100;
        }
        Raw.put8(h + 9, negative ? 0x80 : 0);
    }

    // Control

    static void init(long r) {
        put16(r + FCW, 0x37f);
        put16(r + FSW, 0);
        put16(r + FTW, 0xffff);
        X87State.pointers(r, 0, 0, 0);
    }

    static void loadControl(long r, int v) {
        put16(r + FCW, v & 0x1f3f | 0x40);
        summarize(r);
    }

    static void clearExceptions(long r) { put16(r + FSW, get16(r + FSW) & 0x7f00); }

    static void free(long r, int i) {
        clearC1(r);
        tag(r, i, true);
    }

    static void rotate(long r, int by) {
        clearC1(r);
        top(r, top(r) + by);
    }
}
