package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get16;
import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.put16;
import static xen.kernel.api.hw.Raw.put64;
import static xen.kernel.api.hw.VcpuContext.FCW;
import static xen.kernel.api.hw.VcpuContext.FSW;
import static xen.kernel.api.hw.VcpuContext.FTW;

import xen.kernel.api.hw.VcpuContext;

/**
 * The x87 register stack of the vCPU whose register file is at {@code r}: TOP, tags, exceptions, condition codes. A tag is kept as 3
 * (empty) or 0; FNSTENV works out the rest. {@code a}, {@code b} and {@code f} are scratch: one instance a CPU.
 *
 * <p>Exceptions: {@link #raise} sets the sticky bits and, when one is unmasked, ES and B: the next waiting instruction is #MF.
 */
abstract class X87Stack {
    static final int SF = 0x40, ES = 0x80, C0 = 0x100, C1 = 0x200, C2 = 0x400, C3 = 0x4000, BUSY = 0x8000;
    static final int CC = C0 | C2 | C3;
    static final long INDEFINITE = 3L << 62;
    static final int INDEFINITE_SE = 0xffff;

    final SoftFloat f = new SoftFloat();
    final Num a = new Num(), b = new Num();
    /** Result of a NaN rule, else {@code f} has the result. */
    boolean nan;
    long nanSig;
    int nanSe;

    static int top(long r) { return get16(r + FSW) >> 11 & 7; }

    static void top(long r, int t) { put16(r + FSW, get16(r + FSW) & ~0x3800 | (t & 7) << 11); }

    /** Address of ST(i). */
    static long st(long r, int i) { return r + VcpuContext.X87 + (top(r) + i & 7) * 16L; }

    static boolean empty(long r, int i) { return (get16(r + FTW) >> (top(r) + i & 7) * 2 & 3) == 3; }

    static void tag(long r, int i, boolean empty) {
        int bits = 3 << (top(r) + i & 7) * 2;
        put16(r + FTW, empty ? get16(r + FTW) | bits : get16(r + FTW) & ~bits);
    }

    static void pop(long r) {
        tag(r, 0, true);
        top(r, top(r) + 1);
    }

    static void write(long r, int i, long sig, int se) {
        long p = st(r, i);
        put64(p, sig);
        put16(p + 8, se);
        tag(r, i, false);
    }

    void read(Num n, long r, int i) {
        long p = st(r, i);
        n.unpack80(get64(p), get16(p + 8));
    }

    static int rounding(long r) { return get16(r + FCW) >> 10 & 3; }

    static int precision(long r) {
        return switch (get16(r + FCW) >> 8 & 3) {
            case 0 -> 24;
            case 2 -> 53;
            default -> 64;
        };
    }

    static int masks(long r) { return get16(r + FCW) & 0x3f; }

    /** Sets sticky flags and C1; ES and B when an exception is unmasked. */
    static void raise(long r, int flags, boolean c1) {
        int sw = get16(r + FSW) & ~C1 | flags | (c1 ? C1 : 0);
        if ((flags & 0x3f & ~get16(r + FCW)) != 0) {
            sw |= ES | BUSY;
        }
        put16(r + FSW, sw);
    }

    /** ES and B as the flags and masks at hand say. */
    static void summarize(long r) {
        int sw = get16(r + FSW) & ~(ES | BUSY);
        put16(r + FSW, (sw & 0x3f & ~get16(r + FCW)) != 0 ? sw | ES | BUSY : sw);
    }

    static void clearC1(long r) { put16(r + FSW, get16(r + FSW) & ~C1); }

    static void conditions(long r, int cc) { put16(r + FSW, get16(r + FSW) & ~CC | cc); }

    /** A stack fault; true when masked: the instruction goes on with the indefinite value. */
    static boolean stackFault(long r, boolean overflow) {
        raise(r, SoftFloat.IE | SF, overflow);
        return (masks(r) & SoftFloat.IE) != 0;
    }

    /** Makes room for a push; false when an unmasked overflow forbids it. After a masked one the value is the indefinite. */
    boolean push(long r, long sig, int se) {
        if (!empty(r, 7)) {
            if (!stackFault(r, true)) {
                return false;
            }
            sig = INDEFINITE;
            se = INDEFINITE_SE;
        } else {
            clearC1(r);
        }
        top(r, top(r) - 1);
        write(r, 0, sig, se);
        return true;
    }

    void begin(long r) {
        f.begin(rounding(r));
        nan = false;
    }

    void result(long sig, int se) {
        nan = true;
        nanSig = sig;
        nanSe = se;
    }

    void invalid() {
        f.flags |= SoftFloat.IE;
        result(INDEFINITE, INDEFINITE_SE);
    }

    private void quiet(Num n) { result(n.sig | 1L << 62, n.sign ? 0xffff : 0x7fff); }

    /** Unsupported encodings and NaNs of one operand; true when that settles the result. */
    boolean special(Num n) {
        if (n.kind < Num.QNAN) {
            return false;
        }
        if (n.kind == Num.UNSUPPORTED) {
            invalid();
            return true;
        }
        if (n.kind == Num.SNAN) {
            f.flags |= SoftFloat.IE;
        }
        quiet(n);
        return true;
    }

    /** The same of two: a QNaN beats an SNaN, else the larger significand wins, else the positive one. */
    boolean special(Num x, Num y) {
        if (x.kind < Num.QNAN && y.kind < Num.QNAN) {
            return false;
        }
        if (x.kind == Num.UNSUPPORTED || y.kind == Num.UNSUPPORTED) {
            invalid();
            return true;
        }
        if (x.kind == Num.SNAN || y.kind == Num.SNAN) {
            f.flags |= SoftFloat.IE;
        }
        if (!y.isNan()) {
            quiet(x);
        } else if (!x.isNan()) {
            quiet(y);
        } else if (x.kind != y.kind) {
            quiet(x.kind == Num.QNAN ? x : y);
        } else {
            int c = Long.compareUnsigned(x.sig, y.sig);
            quiet(c > 0 || c == 0 && !x.sign ? x : y);
        }
        return true;
    }

    /** Rounds {@code f} to {@code p} bits and raises; true when the result may be written (see {@link #put}). */
    boolean finish(long r, int p) {
        int unmasked = ~masks(r);
        if ((f.flags & 7 & unmasked) != 0) {
            raise(r, f.flags & 7, false);
            return false;
        }
        if (!nan) {
            f.round80(p, unmasked & (SoftFloat.OE | SoftFloat.UE));
        }
        raise(r, f.flags, !nan && f.up);
        return true;
    }

    void put(long r, int i) {
        if (nan) {
            write(r, i, nanSig, nanSe);
        } else {
            write(r, i, f.significand(), f.signExponent());
        }
    }
}
