package xen.hw.x86smp.exec;

import xen.kernel.api.hw.Raw;

/** Multiplication and division. The flags that the manuals leave undefined are AMD's. */
final class MulDivOps {
    private static final int TOO_LONG = LazyFlags.CF | LazyFlags.OF;

    private MulDivOps() {}

    /** SF, ZF, AF and PF stay. */
    private static void product(InterpreterCpu c, boolean lost) { FlagRules.change(c, TOO_LONG, lost ? TOO_LONG : 0); }

    /** CF and OF stay, AF is set. */
    private static void quotient(InterpreterCpu c) {
        FlagRules.change(c, LazyFlags.SF | LazyFlags.ZF | LazyFlags.AF | LazyFlags.PF, LazyFlags.AF);
    }

    /** MUL and one-operand IMUL: accumulator times operand into rDX:rAX (AX for bytes). */
    static final class Mul extends Op {
        private final Loc s;
        private final boolean signed;

        Mul(Loc s, boolean signed) {
            this.s = s;
            this.signed = signed;
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int size = s.size, bits = size * 8;
            long a = signed ? Loc.signed(r, size) : Loc.unsigned(r, size), b = signed ? s.get(c) : s.getU(c);
            long low = a * b, high;
            if (size == 8) {
                high = signed ? Math.multiplyHigh(a, b) : Math.unsignedMultiplyHigh(a, b);
                Raw.put64(r, low);
                Raw.put64(r + 16, high);
            } else {
                high = signed ? low >> bits : low >>> bits;
                if (size == 1) {
                    Raw.put16(r, (int) low);
                } else if (size == 2) {
                    Raw.put16(r, (int) low);
                    Raw.put16(r + 16, (int) high);
                } else {
                    Raw.put64(r, low & 0xffff_ffffL);
                    Raw.put64(r + 16, high & 0xffff_ffffL);
                }
            }
            boolean lost = signed ? high != Loc.signed(size, low) >> 63 : high != 0;
            product(c, lost);
        }
    }

    /** IMUL with two or three operands; a null second source is the immediate. */
    static final class Imul extends Op {
        private final Loc d, s, t;
        private final long imm;

        Imul(Loc d, Loc s, Loc t, long imm) {
            this.d = d;
            this.s = s;
            this.t = t;
            this.imm = imm;
        }

        @Override public void exec(InterpreterCpu c) {
            long a = s.get(c), b = t == null ? imm : t.get(c);
            long low = a * b, x = Loc.signed(d.size, low);
            boolean lost = d.size == 8 ? Math.multiplyHigh(a, b) != low >> 63 : x != low;
            d.put(c, x);
            product(c, lost);
        }
    }

    /** IMUL of 32- or 64-bit registers, hot. */
    static final class ImulRR64 extends Op {
        private final byte d, s;

        ImulRR64(int d, int s) {
            this.d = (byte) d;
            this.s = (byte) s;
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, a = Raw.get64(r + d), b = Raw.get64(r + s), x = a * b;
            Raw.put64(r + d, x);
            product(c, Math.multiplyHigh(a, b) != x >> 63);
        }
    }

    static final class ImulRR32 extends Op {
        private final byte d, s;

        ImulRR32(int d, int s) {
            this.d = (byte) d;
            this.s = (byte) s;
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, x = (long) Raw.get32(r + d) * Raw.get32(r + s);
            Raw.put64(r + d, x & 0xffff_ffffL);
            product(c, x != (int) x);
        }
    }

    /** IMUL of a register by an immediate into another. */
    static final class ImulRI64 extends Op {
        private final byte d, s;
        private final int b;

        ImulRI64(int d, int s, int b) {
            this.d = (byte) d;
            this.s = (byte) s;
            this.b = b;
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, a = Raw.get64(r + s), x = a * b;
            Raw.put64(r + d, x);
            product(c, Math.multiplyHigh(a, b) != x >> 63);
        }
    }

    static final class ImulRI32 extends Op {
        private final byte d, s;
        private final int b;

        ImulRI32(int d, int s, int b) {
            this.d = (byte) d;
            this.s = (byte) s;
            this.b = b;
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, x = (long) Raw.get32(r + s) * b;
            Raw.put64(r + d, x & 0xffff_ffffL);
            product(c, x != (int) x);
        }
    }

    /** DIV: #DE for zero and for a quotient that does not fit. */
    static final class Div extends Op {
        private final Loc s;

        Div(Loc s) { this.s = s; }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, d = s.getU(c), q, m;
            if (d == 0) {
                throw c.raise(0, 0);
            }
            if (s.size == 8) {
                long high = Raw.get64(r + 16), low = Raw.get64(r);
                if (Long.compareUnsigned(high, d) >= 0) {
                    throw c.raise(0, 0);
                }
                q = high == 0 ? Long.divideUnsigned(low, d) : divideWide(high, low, d);
                m = low - q * d;
            } else {
                long n = dividend(r, s.size);
                q = Long.divideUnsigned(n, d);
                m = n - q * d;
                if (Long.compareUnsigned(q, Loc.mask(s.size)) > 0) {
                    throw c.raise(0, 0);
                }
            }
            result(r, s.size, q, m);
            quotient(c);
        }
    }

    /** IDIV: truncates towards zero. */
    static final class Idiv extends Op {
        private final Loc s;

        Idiv(Loc s) { this.s = s; }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, d = s.get(c), q, m;
            if (d == 0) {
                throw c.raise(0, 0);
            }
            if (s.size == 8) {
                long high = Raw.get64(r + 16), low = Raw.get64(r);
                q = high == low >> 63 && !(low == Long.MIN_VALUE && d == -1) ? low / d : divideSigned(c, high, low, d);
                m = low - q * d;
            } else {
                long n = Loc.signed(Math.min(8, 2 * s.size), dividend(r, s.size));
                // The smallest dividend of 64 bits by -1 would overflow silently; its quotient is its own negative: out of range all the same.
                q = n / d;
                m = n - q * d;
                if (Loc.signed(s.size, q) != q) {
                    throw c.raise(0, 0);
                }
            }
            result(r, s.size, q, m);
            quotient(c);
        }
    }

    private static long dividend(long r, int size) {
        return switch (size) {
            case 1 -> Raw.get16(r);
            case 2 -> (long) Raw.get16(r + 16) << 16 | Raw.get16(r);
            default -> Raw.getU32(r + 16) << 32 | Raw.getU32(r);
        };
    }

    private static void result(long r, int size, long q, long m) {
        switch (size) {
            case 1 -> { Raw.put8(r, (int) q); Raw.put8(r + 1, (int) m); }
            case 2 -> { Raw.put16(r, (int) q); Raw.put16(r + 16, (int) m); }
            case 4 -> { Raw.put64(r, q & 0xffff_ffffL); Raw.put64(r + 16, m & 0xffff_ffffL); }
            default -> { Raw.put64(r, q); Raw.put64(r + 16, m); }
        }
    }

    private static long divideSigned(InterpreterCpu c, long high, long low, long d) {
        boolean negative = (high ^ d) < 0;
        if (high < 0) {
            low = -low;
            high = ~high + (low == 0 ? 1 : 0);
        }
        long magnitude = Math.abs(d);
        if (Long.compareUnsigned(high, magnitude) >= 0) {
            throw c.raise(0, 0);
        }
        long q = divideWide(high, low, magnitude);
        if (negative ? Long.compareUnsigned(q, Long.MIN_VALUE) > 0 : q < 0) {
            throw c.raise(0, 0);
        }
        return negative ? -q : q;
    }

    /** Quotient of high:low by d, for high below d, in two steps of 32 bits (Knuth's algorithm D). */
    static long divideWide(long high, long low, long d) {
        int s = Long.numberOfLeadingZeros(d);
        d <<= s;
        long dh = d >>> 32, dl = d & 0xffff_ffffL;
        long n = s == 0 ? high : high << s | low >>> 64 - s;
        low <<= s;
        long q1 = digit(n, low >>> 32, d, dh, dl);
        long n1 = (n << 32 | low >>> 32) - q1 * d;
        long q0 = digit(n1, low & 0xffff_ffffL, d, dh, dl);
        return (q1 << 32) + q0;
    }

    private static long digit(long n, long next, long d, long dh, long dl) {
        long q = Long.divideUnsigned(n, dh), rest = n - q * dh;
        while (q >>> 32 != 0 || Long.compareUnsigned(q * dl, rest << 32 | next) > 0) {
            q--;
            rest += dh;
            if (rest >>> 32 != 0) {
                break;
            }
        }
        return q;
    }
}
