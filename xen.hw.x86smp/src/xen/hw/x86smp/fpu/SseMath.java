package xen.hw.x86smp.fpu;

import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * SSE floating-point on single elements, with MXCSR's rules: rounding, DAZ, FTZ, sticky flags, NaN propagation. One instance a CPU.
 *
 * <p>Use: {@link #begin}, any number of element operations, {@link #end}: only when that returns true may results be written (else
 * #XM). Host arithmetic is used where it provably gives the same result and no flag that is not yet sticky; everything else is
 * {@link SoftFloat}'s.
 */
final class SseMath {
    static final int ADD = 0, MUL = 1, SUB = 2, MIN = 3, DIV = 4, MAX = 5, SQRT = 6;
    private static final int PRE = SoftFloat.IE | SoftFloat.DE | SoftFloat.ZE;
    /** Round to nearest, PE masked and already set: what host arithmetic is good for. */
    private static final int QUIET = 0x6000 | SoftFloat.PE << 7 | SoftFloat.PE, QUIET_RN = SoftFloat.PE << 7 | SoftFloat.PE;
    private static final int DAZ = 0x40, FTZ = 0x8000, RC = 0x6000;
    private static final long EXP64 = 0x7ff0_0000_0000_0000L, QUIET64 = 1L << 51;
    private static final int EXP32 = 0x7f80_0000, QUIET32 = 1 << 22, DEFAULT32 = 0xffc0_0000;

    private final SoftFloat f = new SoftFloat();
    private final Num a = new Num(), b = new Num();
    private int mxcsr;
    private int raised;
    /** Flags of the steps before, see {@link #step}; and of a step that faulted, -1 = none did. */
    private int earlier, frozen;

    void begin(long regs) {
        mxcsr = Raw.get32(regs + VcpuContext.MXCSR);
        raised = 0;
        earlier = 0;
        frozen = -1;
    }

    /** Makes the flags sticky; false: an unmasked exception, results must not be written. */
    boolean end(long regs) {
        if (frozen >= 0) {
            raised = frozen;
        }
        if (((raised | earlier) & ~(mxcsr & mxcsr >>> 7)) == 0) {
            return true;
        }
        int unmasked = raised & ~(mxcsr >>> 7);
        // An unmasked fault found before the computation hides what the computation would have raised.
        int set = (unmasked & PRE) != 0 ? raised & PRE : raised;
        Raw.put32(regs + VcpuContext.MXCSR, mxcsr | set | earlier);
        return unmasked == 0;
    }

    /** Between two dependent steps of one instruction: a fault so far keeps later ones from being looked at. */
    void step() {
        if (frozen < 0) {
            if ((raised & ~(mxcsr >>> 7)) != 0) {
                frozen = raised;
            } else {
                earlier |= raised;
                raised = 0;
            }
        }
    }

    private boolean daz() { return (mxcsr & DAZ) != 0; }
    private boolean flush() { return (mxcsr & (FTZ | SoftFloat.UE << 7)) == (FTZ | SoftFloat.UE << 7); }

    private void start(int rc) { f.begin(rc); }
    private int rc() { return mxcsr >>> 13 & 3; }

    /** Where overflow and underflow are unmasked, precision is judged as if the exponent had no bounds. */
    private int unmasked() { return ~(mxcsr >>> 7) & (SoftFloat.OE | SoftFloat.UE); }

    private void done() {
        raised |= f.flags;
    }

    private void load64(Num n, long v) {
        n.unpack64(v);
        if (n.kind == Num.DENORMAL && daz()) {
            n.set(Num.ZERO, n.sign);
        }
    }

    private void load32(Num n, int v) {
        n.unpack32(v);
        if (n.kind == Num.DENORMAL && daz()) {
            n.set(Num.ZERO, n.sign);
        }
    }

    /** Whether host arithmetic's result {@code z} of {@code x} and {@code y} is what SSE gives, and raises nothing new: round to nearest, PE
     *  masked and set, no denormal operand, a result well inside the normal range. */
    static boolean quick(int mxcsr, long x, long y, long z) {
        return (mxcsr & QUIET) == QUIET_RN && (z & EXP64) > 0x0010_0000_0000_0000L && (z & EXP64) < EXP64
                && ((x & EXP64) != 0 || x << 1 == 0) && ((y & EXP64) != 0 || y << 1 == 0);
    }

    private static boolean isNan(long v) { return (v & Long.MAX_VALUE) > EXP64; }
    private static boolean isNan(int v) { return (v & Integer.MAX_VALUE) > EXP32; }
    private static boolean isSnan(long v) { return isNan(v) && (v & QUIET64) == 0; }
    private static boolean isSnan(int v) { return isNan(v) && (v & QUIET32) == 0; }
    private static boolean denormal(long v) { return (v & EXP64) == 0 && v << 1 != 0; }
    private static boolean denormal(int v) { return (v & EXP32) == 0 && v << 1 != 0; }

    // ---- binary operations and square root (which takes its operand as y)

    long op64(int op, long x, long y) {
        double p = Double.longBitsToDouble(x), q = Double.longBitsToDouble(y);
        double z;
        switch (op) {
            case ADD: z = p + q; break;
            case SUB: z = p - q; break;
            case MUL: z = p * q; break;
            case DIV: z = p / q; break;
            case SQRT: z = Math.sqrt(q); x = y; break;
            case MIN: return select64(x, y, false);
            default: return select64(x, y, true);
        }
        long r = Double.doubleToRawLongBits(z);
        return quick(mxcsr, x, y, r) || r << 1 == 0 && exactZero64(op, x, y) ? r : slow64(op, x, y);
    }

    /** A zero that host arithmetic found is right and raises nothing: a difference of equals, or a zero among the operands. */
    private boolean exactZero64(int op, long x, long y) {
        return (mxcsr & RC) == 0 && !denormal(x) && !denormal(y) && (op == ADD || op == SUB || x << 1 == 0 || y << 1 == 0);
    }

    private boolean exactZero32(int op, int x, int y) {
        return (mxcsr & RC) == 0 && !denormal(x) && !denormal(y) && (op == ADD || op == SUB || x << 1 == 0 || y << 1 == 0);
    }

    private long slow64(int op, long x, long y) {
        if (isNan(x) || isNan(y)) {
            if (isSnan(x) || isSnan(y)) {
                raised |= SoftFloat.IE;
            }
            return (isNan(x) ? x : y) | QUIET64;
        }
        start(rc());
        load64(a, x);
        load64(b, y);
        compute(op);
        if (f.kind == Num.NORMAL) {
            f.round64(unmasked(), flush());
        }
        done();
        return f.pack64();
    }

    int op32(int op, int x, int y) {
        float p = Float.intBitsToFloat(x), q = Float.intBitsToFloat(y);
        float z;
        switch (op) {
            case ADD: z = p + q; break;
            case SUB: z = p - q; break;
            case MUL: z = p * q; break;
            case DIV: z = p / q; break;
            case SQRT: z = (float) Math.sqrt(q); x = y; break;
            case MIN: return select32(x, y, false);
            default: return select32(x, y, true);
        }
        int r = Float.floatToRawIntBits(z);
        int e = r & EXP32;
        if ((mxcsr & QUIET) == QUIET_RN && e > 0x0080_0000 && e < EXP32
                && ((x & EXP32) != 0 || x << 1 == 0) && ((y & EXP32) != 0 || y << 1 == 0)) {
            return r;
        }
        return r << 1 == 0 && exactZero32(op, x, y) ? r : slow32(op, x, y);
    }

    private int slow32(int op, int x, int y) {
        if (isNan(x) || isNan(y)) {
            if (isSnan(x) || isSnan(y)) {
                raised |= SoftFloat.IE;
            }
            return (isNan(x) ? x : y) | QUIET32;
        }
        start(rc());
        load32(a, x);
        load32(b, y);
        compute(op);
        return finish32();
    }

    private int finish32() {
        if (f.kind == Num.NORMAL) {
            f.round32(unmasked(), flush());
        }
        done();
        return f.pack32();
    }

    private void compute(int op) {
        switch (op) {
            case ADD -> f.add(a, b, b.sign);
            case SUB -> f.add(a, b, !b.sign);
            case MUL -> f.multiply(a, b);
            case DIV -> f.divide(a, b);
            default -> f.squareRoot(b);
        }
    }

    /** MIN and MAX give the second operand when either is a NaN or both are equal. */
    private long select64(long x, long y, boolean max) {
        if (daz()) {
            x = denormal(x) ? x & Long.MIN_VALUE : x;
            y = denormal(y) ? y & Long.MIN_VALUE : y;
        }
        if (isNan(x) || isNan(y)) {
            raised |= SoftFloat.IE;
            return y;
        }
        if (denormal(x) || denormal(y)) {
            raised |= SoftFloat.DE;
        }
        double p = Double.longBitsToDouble(x), q = Double.longBitsToDouble(y);
        return (max ? p > q : p < q) ? x : y;
    }

    private int select32(int x, int y, boolean max) {
        if (daz()) {
            x = denormal(x) ? x & Integer.MIN_VALUE : x;
            y = denormal(y) ? y & Integer.MIN_VALUE : y;
        }
        if (isNan(x) || isNan(y)) {
            raised |= SoftFloat.IE;
            return y;
        }
        if (denormal(x) || denormal(y)) {
            raised |= SoftFloat.DE;
        }
        float p = Float.intBitsToFloat(x), q = Float.intBitsToFloat(y);
        return (max ? p > q : p < q) ? x : y;
    }

    // ---- comparison

    /** Relation of two elements: 0 unordered, 1 less, 2 equal, 3 greater. A QNaN is an invalid operand only if {@code signaling}. */
    int compare64(long x, long y, boolean signaling) {
        if (isNan(x) || isNan(y)) {
            if (signaling || isSnan(x) || isSnan(y)) {
                raised |= SoftFloat.IE;
            }
            return 0;
        }
        if (denormal(x) || denormal(y)) {
            if (daz()) {
                x = denormal(x) ? 0 : x;
                y = denormal(y) ? 0 : y;
            } else {
                raised |= SoftFloat.DE;
            }
        }
        double p = Double.longBitsToDouble(x), q = Double.longBitsToDouble(y);
        return p < q ? 1 : p == q ? 2 : 3;
    }

    int compare32(int x, int y, boolean signaling) {
        if (isNan(x) || isNan(y)) {
            if (signaling || isSnan(x) || isSnan(y)) {
                raised |= SoftFloat.IE;
            }
            return 0;
        }
        if (denormal(x) || denormal(y)) {
            if (daz()) {
                x = denormal(x) ? 0 : x;
                y = denormal(y) ? 0 : y;
            } else {
                raised |= SoftFloat.DE;
            }
        }
        float p = Float.intBitsToFloat(x), q = Float.intBitsToFloat(y);
        return p < q ? 1 : p == q ? 2 : 3;
    }

    /** CMPxx: predicates EQ LT LE UNORD NEQ NLT NLE ORD. */
    long cmp64(long x, long y, int predicate) {
        return holds(compare64(x, y, signals(predicate)), predicate) ? -1 : 0;
    }

    int cmp32(int x, int y, int predicate) {
        return holds(compare32(x, y, signals(predicate)), predicate) ? -1 : 0;
    }

    private static boolean signals(int predicate) { return (predicate & 3) == 1 || (predicate & 3) == 2; }

    private static boolean holds(int relation, int predicate) {
        boolean r = switch (predicate & 3) {
            case 0 -> relation == 2;
            case 1 -> relation == 1;
            case 2 -> relation == 1 || relation == 2;
            default -> relation == 0;
        };
        return r != ((predicate & 4) != 0);
    }

    // ---- conversion

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
