package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get16;
import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.put16;
import static xen.kernel.api.hw.VcpuContext.FSW;

/** x87 instructions that compute on the stack. Operation numbers are ModRM.reg's: ADD MUL COM COMP SUB SUBR DIV DIVR. */
abstract class X87Arithmetic extends X87Stack {
    static final int ADD = 0, MUL = 1, SUB = 4, SUBR = 5, DIV = 6, DIVR = 7;

    /** ST(dst) = ST(dst) op ST(src). */
    void arithmetic(long r, int op, int dst, int src, boolean pop) {
        if (empty(r, dst) || empty(r, src)) {
            if (!stackFault(r, false)) {
                return;
            }
            write(r, dst, INDEFINITE, INDEFINITE_SE);
        } else {
            read(a, r, dst);
            read(b, r, src);
            if (!compute(r, op)) {
                return;
            }
            put(r, dst);
        }
        if (pop) {
            pop(r);
        }
    }

    /** ST(0) = ST(0) op b, for a memory operand taken apart before. */
    void arithmetic(long r, int op) {
        if (empty(r, 0)) {
            if (stackFault(r, false)) {
                write(r, 0, INDEFINITE, INDEFINITE_SE);
            }
            return;
        }
        read(a, r, 0);
        if (compute(r, op)) {
            put(r, 0);
        }
    }

    private boolean compute(long r, int op) {
        begin(r);
        if (!special(a, b)) {
            switch (op) {
                case ADD -> f.add(a, b, b.sign);
                case MUL -> f.multiply(a, b);
                case SUB -> f.add(a, b, !b.sign);
                case SUBR -> {
                    a.sign = !a.sign;
                    f.add(b, a, a.sign);
                }
                case DIV -> f.divide(a, b);
                default -> f.divide(b, a);
            }
        }
        return finish(r, precision(r));
    }

    /** Reads ST(0) into {@code a}; false after an underflow that has been dealt with. */
    boolean unary(long r) {
        begin(r);
        if (empty(r, 0)) {
            if (stackFault(r, false)) {
                write(r, 0, INDEFINITE, INDEFINITE_SE);
            }
            return false;
        }
        read(a, r, 0);
        return true;
    }

    /** Reads ST(0) and ST(1) into {@code a} and {@code b}. */
    boolean binary(long r, int dst, boolean pop) {
        begin(r);
        if (empty(r, 0) || empty(r, 1)) {
            if (stackFault(r, false)) {
                write(r, dst, INDEFINITE, INDEFINITE_SE);
                if (pop) {
                    pop(r);
                }
            }
            return false;
        }
        read(a, r, 0);
        read(b, r, 1);
        return true;
    }

    void sqrt(long r) {
        if (unary(r)) {
            if (!special(a)) {
                f.squareRoot(a);
            }
            if (finish(r, precision(r))) {
                put(r, 0);
            }
        }
    }

    void rndint(long r) {
        if (unary(r)) {
            if (!special(a)) {
                noteDenormal(a);
                f.load(a, a.sign);
                f.roundToInteger();
            }
            boolean up = f.up;
            if (finish(r, 64)) {
                put(r, 0);
                if (up) {
                    put16(r + FSW, get16(r + FSW) | C1);
                }
            }
        }
    }

    void noteDenormal(Num n) {
        if (n.kind == Num.DENORMAL) {
            f.flags |= SoftFloat.DE;
        }
    }

    void scale(long r) {
        if (!binary(r, 0, false)) {
            return;
        }
        if (!special(a, b)) {
            if (b.kind == Num.INFINITE) {
                scaleByInfinity();
            } else {
                noteDenormal(a);
                noteDenormal(b);
                f.load(a, a.sign);
                if (a.isFinite() && a.kind != Num.ZERO && b.kind != Num.ZERO && b.exp >= 0) {
                    int n = b.exp > 16 ? 1 << 17 : (int) (b.sig >>> 63 - b.exp);
                    f.exp += b.sign ? -n : n;
                }
            }
        }
        if (finish(r, 64)) {
            put(r, 0);
        }
    }

    private void scaleByInfinity() {
        if (a.kind == Num.INFINITE && b.sign || a.kind == Num.ZERO && !b.sign) {
            invalid();
            return;
        }
        noteDenormal(a);
        a.kind = b.sign ? Num.ZERO : Num.INFINITE;
        f.load(a, a.sign);
    }

    /** Exponent to ST(0), then the significand is pushed. */
    void extract(long r) {
        if (empty(r, 0)) {
            if (stackFault(r, false)) {
                write(r, 0, INDEFINITE, INDEFINITE_SE);
                top(r, top(r) - 1);
                write(r, 0, INDEFINITE, INDEFINITE_SE);
            }
            return;
        }
        if (!empty(r, 7)) {
            if (stackFault(r, true)) {
                write(r, 0, INDEFINITE, INDEFINITE_SE);
                top(r, top(r) - 1);
                write(r, 0, INDEFINITE, INDEFINITE_SE);
            }
            return;
        }
        unary(r);
        int s = a.sign ? 0x8000 : 0;
        long sig = a.sig;
        int se = s | 0x3fff;
        if (special(a)) {
            sig = nanSig;
            se = nanSe;
        } else if (a.kind == Num.ZERO) {
            f.flags |= SoftFloat.ZE;
            result(Long.MIN_VALUE, 0xffff);
            sig = 0;
            se = s;
        } else if (a.kind == Num.INFINITE) {
            result(Long.MIN_VALUE, 0x7fff);
            se = s | 0x7fff;
        } else {
            noteDenormal(a);
            b.fromLong(a.exp);
            f.load(b, b.sign);
        }
        if (finish(r, 64)) {
            put(r, 0);
            top(r, top(r) - 1);
            write(r, 0, sig, se);
        }
    }

    /** FPREM (quotient chopped) and FPREM1 (to nearest even): at most 63 bits of quotient a step, C2 while there is more to do. */
    void remainder(long r, boolean nearest) {
        conditions(r, get16(r + FSW) & CC & ~C2);
        if (!binary(r, 0, false)) {
            return;
        }
        int cc = 0;
        boolean invalid = special(a, b);
        if (!invalid) {
            if (a.kind == Num.INFINITE || b.kind == Num.ZERO) {
                invalid = true;
                invalid();
            } else {
                noteDenormal(a);
                noteDenormal(b);
                f.load(a, a.sign);
                if (a.kind != Num.ZERO && b.kind != Num.INFINITE) {
                    cc = reduce(a.exp - b.exp, nearest);
                }
            }
        }
        if (finish(r, 64)) {
            put(r, 0);
            if (invalid) {
                return;
            }
            if (cc >= 0) {
                conditions(r, ((cc & 4) != 0 ? C0 : 0) | ((cc & 2) != 0 ? C3 : 0));
                put16(r + FSW, get16(r + FSW) & ~C1 | ((cc & 1) != 0 ? C1 : 0));
            } else {
                conditions(r, C2);
            }
        }
    }

    /** Low bits of the quotient, or -1 when the reduction is partial. */
    private int reduce(int d, boolean nearest) {
        if (d < -1 || d == -1 && !nearest) {
            return 0;
        }
        boolean partial = d >= 64;
        int steps = partial ? 32 + (d & 31) : d;
        int rest = d - steps;
        long q = 0, v = a.sig;
        if (d >= 0) {
            if (Long.compareUnsigned(v, b.sig) >= 0) {
                v -= b.sig;
                q = 1;
            }
            if (steps > 0) {
                q = q << steps | f.divide(v >>> 64 - steps, v << steps, b.sig);
                v = f.remainder();
            }
        }
        boolean s = a.sign;
        if (nearest && !partial) {
            // The rest is v * 2^(b.exp-63), or half of that unit when a's exponent is below b's.
            int c = d < 0 ? Long.compareUnsigned(v, b.sig) : v < 0 ? 1 : Long.compareUnsigned(v << 1, b.sig);
            if (c > 0 || c == 0 && (q & 1) != 0) {
                v = d < 0 ? (b.sig << 1) - v : b.sig - v;
                s = !s;
                q++;
            }
        }
        if (v == 0) {
            a.set(Num.ZERO, a.sign);
        } else {
            int n = Long.numberOfLeadingZeros(v);
            a.exp = b.exp + rest - n + (d < 0 ? -1 : 0);
            a.sig = v << n;
            a.kind = Num.NORMAL;
        }
        f.load(a, s);
        if (v == 0) {
            f.sign = a.sign;
        }
        return partial ? -1 : (int) q & 7;
    }

    void changeSign(long r) { signBit(r, 0x8000, 0x8000); }
    void absolute(long r) { signBit(r, 0, 0x8000); }

    private void signBit(long r, int flip, int mask) {
        if (empty(r, 0)) {
            if (stackFault(r, false)) {
                write(r, 0, INDEFINITE, INDEFINITE_SE);
            }
            return;
        }
        clearC1(r);
        long p = st(r, 0) + 8;
        put16(p, flip != 0 ? get16(p) ^ flip : get16(p) & ~mask);
    }

    // Comparison

    /** The last comparison raised an unmasked exception: the answer stands, but nothing is popped. */
    private boolean held;

    /** ST(0) with {@code b}: C0, C2, C3 at their places. */
    private int relation(long r, boolean quiet, boolean c1) {
        f.begin(0);
        int cc;
        if (a.kind >= Num.QNAN || b.kind >= Num.QNAN) {
            if (!quiet || a.kind >= Num.SNAN || b.kind >= Num.SNAN) {
                f.flags |= SoftFloat.IE;
            }
            cc = CC;
        } else {
            noteDenormal(a);
            noteDenormal(b);
            int c = compare(a, b);
            cc = c < 0 ? C0 : c == 0 ? C3 : 0;
        }
        raise(r, f.flags, c1);
        held = (f.flags & ~masks(r)) != 0;
        return cc;
    }

    private static int compare(Num x, Num y) {
        if (x.kind == Num.ZERO && y.kind == Num.ZERO) {
            return 0;
        }
        if (x.kind == Num.ZERO || y.kind == Num.ZERO || x.sign != y.sign) {
            boolean less = x.kind == Num.ZERO ? !y.sign : x.sign;
            return less ? -1 : 1;
        }
        int c = x.exp != y.exp ? Integer.compare(x.exp, y.exp) : Long.compareUnsigned(x.sig, y.sig);
        return x.sign ? -c : c;
    }

    private int underflow(long r) {
        held = !stackFault(r, false);
        return CC;
    }

    /** ST(0) with ST(i): see {@link #relation}. {@code keep}: C1 stays unless the stack is at fault, as FCOMI and relatives do. */
    int compareWith(long r, int i, boolean quiet, boolean keep) {
        if (empty(r, 0) || empty(r, i)) {
            return underflow(r);
        }
        read(a, r, 0);
        read(b, r, i);
        return relation(r, quiet, keep && (get16(r + FSW) & C1) != 0);
    }

    /** ST(0) with {@code b}. */
    int compareWith(long r) {
        if (empty(r, 0)) {
            return underflow(r);
        }
        read(a, r, 0);
        return relation(r, false, false);
    }

    /** FCOM and relatives: puts an answer of {@code compareWith} in the status word and pops. */
    void setConditions(long r, int cc, int pops) {
        conditions(r, cc);
        popCompared(r, pops);
    }

    /** The pops of a comparison, unless it ended in an unmasked exception. */
    void popCompared(long r, int pops) {
        for (int i = 0; i < pops && !held; i++) {
            pop(r);
        }
    }

    void test(long r) {
        b.set(Num.ZERO, false);
        setConditions(r, compareWith(r), 0);
    }

    void examine(long r) {
        long p = st(r, 0);
        int se = get16(p + 8);
        a.unpack80(get64(p), se);
        int cc = empty(r, 0) ? C3 | C0 : switch (a.kind) {
            case Num.ZERO -> C3;
            case Num.NORMAL -> C2;
            case Num.DENORMAL -> C3 | C2;
            case Num.INFINITE -> C2 | C0;
            case Num.QNAN, Num.SNAN -> C0;
            default -> 0;
        };
        conditions(r, cc);
        put16(r + FSW, get16(r + FSW) & ~C1 | ((se & 0x8000) != 0 ? C1 : 0));
    }
}
