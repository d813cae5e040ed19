package xen.hw.x86smp.fpu;

/**
 * SSE arithmetic and comparison on single elements, with NaN propagation. Host arithmetic is used where it provably gives the same result
 * and raises no flag that is not yet sticky; everything else is {@link SoftFloat}'s. One instance a CPU.
 */
final class SseMath extends SseConvert {
    static final int ADD = 0, MUL = 1, SUB = 2, MIN = 3, DIV = 4, MAX = 5, SQRT = 6;

    /** A binary operation, or the square root of {@code y}. */
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

    private void compute(int op) {
        switch (op) {
            case ADD -> f.add(a, b, b.sign);
            case SUB -> f.add(a, b, !b.sign);
            case MUL -> f.multiply(a, b);
            case DIV -> f.divide(a, b);
            default -> f.squareRoot(b);
        }
    }

    /** (-)x * y + z or - z, rounded once. */
    long fma64(long x, long y, long z, boolean negate, boolean subtract) {
        if (isNan(x) || isNan(y) || isNan(z)) {
            if (isSnan(x) || isSnan(y) || isSnan(z)) {
                raised |= SoftFloat.IE;
            }
            return (isNan(x) ? x : isNan(y) ? y : z) | QUIET64;
        }
        start(rc());
        load64(a, x);
        load64(b, y);
        load64(c, z);
        f.multiplyAdd(a, b, c, negate, c.sign != subtract);
        f.round64(unmasked(), flush());
        done();
        return f.pack64();
    }

    int fma32(int x, int y, int z, boolean negate, boolean subtract) {
        if (isNan(x) || isNan(y) || isNan(z)) {
            if (isSnan(x) || isSnan(y) || isSnan(z)) {
                raised |= SoftFloat.IE;
            }
            return (isNan(x) ? x : isNan(y) ? y : z) | QUIET32;
        }
        start(rc());
        load32(a, x);
        load32(b, y);
        load32(c, z);
        f.multiplyAdd(a, b, c, negate, c.sign != subtract);
        return finish32();
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

    /** CMPxx: predicates EQ LT LE UNORD NEQ NLT NLE ORD; AVX adds 8-15 (the first four also hold unordered) and 16-31 (quiet and signaling swapped). */
    long cmp64(long x, long y, int predicate) {
        return holds(compare64(x, y, signals(predicate)), predicate) ? -1 : 0;
    }

    int cmp32(int x, int y, int predicate) {
        return holds(compare32(x, y, signals(predicate)), predicate) ? -1 : 0;
    }

    private static boolean signals(int predicate) { return ((predicate & 3) == 1 || (predicate & 3) == 2) != (predicate >= 16); }

    private static boolean holds(int relation, int predicate) {
        int relations = switch (predicate & 11) {
            case 0 -> 0b0100;
            case 1 -> 0b0010;
            case 2 -> 0b0110;
            case 3 -> 0b0001;
            case 8 -> 0b0101;
            case 9 -> 0b0011;
            case 10 -> 0b0111;
            default -> 0;
        };
        return (relations >> relation & 1) != 0 != ((predicate & 4) != 0);
    }
}
