package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Opcode;
import xen.kernel.api.hw.Raw;

/** Shifts and rotates. A masked count of 0 changes no flag, but a 32-bit register is written all the same. */
final class ShiftOps {
    private ShiftOps() {}

    // Hot: register by an immediate that is not 0.

    static final class Shl64 extends Operands.RN {
        Shl64(int d, int n) { super(d, n); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, a = Raw.get64(r + d) << n - 1, x = a << 1;
            Raw.put64(r + d, x);
            c.fk = FlagRules.SHL;
            c.fr = x;
            c.fa = a;
        }
    }

    static final class Shl32 extends Operands.RN {
        Shl32(int d, int n) { super(d, n); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d) << n - 1, x = a << 1;
            Raw.put64(r + d, x & 0xffff_ffffL);
            c.fk = FlagRules.SHL;
            c.fr = x;
            c.fa = a;
        }
    }

    static final class Shr64 extends Operands.RN {
        Shr64(int d, int n) { super(d, n); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, a = Raw.get64(r + d) >>> n - 1, x = a >>> 1;
            Raw.put64(r + d, x);
            c.fk = FlagRules.SHR;
            c.fr = x;
            c.fa = a;
        }
    }

    static final class Shr32 extends Operands.RN {
        Shr32(int d, int n) { super(d, n); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d) >>> n - 1, x = a >>> 1;
            Raw.put64(r + d, x);
            c.fk = FlagRules.SHR;
            c.fr = x;
            c.fa = a;
        }
    }

    static final class Sar64 extends Operands.RN {
        Sar64(int d, int n) { super(d, n); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, a = Raw.get64(r + d) >> n - 1, x = a >> 1;
            Raw.put64(r + d, x);
            c.fk = FlagRules.SAR;
            c.fr = x;
            c.fa = a;
        }
    }

    static final class Sar32 extends Operands.RN {
        Sar32(int d, int n) { super(d, n); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d) >> n - 1, x = a >> 1;
            Raw.put64(r + d, x & 0xffff_ffffL);
            c.fk = FlagRules.SAR;
            c.fr = x;
            c.fa = a;
        }
    }

    /** SHL, SHR, SAR of any operand by CL (count &lt; 0) or an immediate. */
    static final class Shift extends Op {
        private final Opcode op;
        private final Loc d;
        private final int count, mask;

        Shift(Opcode op, Loc d, int count) {
            this.op = op;
            this.d = d;
            this.count = count;
            mask = d.size == 8 ? 63 : 31;
        }

        @Override public void exec(InterpreterCpu c) {
            int n = (count < 0 ? Raw.get8(c.regs + 8) : count) & mask;
            long h = d.rmwHost(c), b = Loc.signed(h, d.size);
            if (n == 0) {
                d.commit(h, b);
                return;
            }
            long a, x;
            switch (op) {
                case SHL -> {
                    a = Loc.signed(d.size, b << n - 1);
                    x = Loc.signed(d.size, a << 1);
                    FlagRules.set(c, FlagRules.SHL, x, a, 0);
                }
                case SHR -> {
                    a = (b & Loc.mask(d.size)) >>> n - 1;
                    x = Loc.signed(d.size, a >>> 1);
                    FlagRules.set(c, FlagRules.SHR, x, Loc.signed(d.size, a), 0);
                }
                default -> {
                    a = b >> n - 1;
                    x = a >> 1;
                    FlagRules.set(c, FlagRules.SAR, x, a, 0);
                }
            }
            d.commit(h, x);
        }
    }

    /** ROL, ROR, RCL, RCR by CL (count &lt; 0) or an immediate. OF is defined as for a count of 1. */
    static final class Rotate extends Op {
        private final Opcode op;
        private final Loc d;
        private final int count, mask, bits;

        Rotate(Opcode op, Loc d, int count) {
            this.op = op;
            this.d = d;
            this.count = count;
            mask = d.size == 8 ? 63 : 31;
            bits = d.size * 8;
        }

        @Override public void exec(InterpreterCpu c) {
            int n = (count < 0 ? Raw.get8(c.regs + 8) : count) & mask;
            long h = d.rmwHost(c), a = Loc.unsigned(h, d.size);
            if (n == 0) {
                d.commit(h, a);
                return;
            }
            boolean carry = FlagRules.cf(c);
            long x;
            boolean overflow;
            switch (op) {
                case ROL -> {
                    x = left(a, n % bits, a);
                    carry = (x & 1) != 0;
                    overflow = top(x) != carry;
                }
                case ROR -> {
                    x = left(a, (bits - n % bits) % bits, a);
                    carry = top(x);
                    overflow = carry != top(x << 1);
                }
                case RCL -> {
                    for (n %= bits + 1, x = a; n > 0; n--) {
                        boolean out = top(x);
                        x = x << 1 | (carry ? 1 : 0);
                        carry = out;
                    }
                    overflow = top(x) != carry;
                }
                default -> {
                    for (n %= bits + 1, x = a; n > 0; n--) {
                        boolean out = (x & 1) != 0;
                        x = (x & Loc.mask(d.size)) >>> 1 | (carry ? 1L << bits - 1 : 0);
                        carry = out;
                    }
                    overflow = top(x) != top(x << 1);
                }
            }
            d.commit(h, x);
            FlagRules.change(c, LazyFlags.CF | LazyFlags.OF, (carry ? LazyFlags.CF : 0) | (overflow ? LazyFlags.OF : 0));
        }

        private boolean top(long x) { return (x >>> bits - 1 & 1) != 0; }

        /** {@code a} shifted left by n &lt; bits, filled from the top of {@code fill}. */
        private long left(long a, int n, long fill) { return n == 0 ? a : (a << n | fill >>> bits - n) & Loc.mask(d.size); }
    }

    /** SHLD and SHRD. With 16 bits and a count above 16 (undefined) the second operand repeats, as on AMD's. */
    static final class DoubleShift extends Op {
        private final boolean left;
        private final Loc d, s;
        private final int count;

        DoubleShift(boolean left, Loc d, Loc s, int count) {
            this.left = left;
            this.d = d;
            this.s = s;
            this.count = count;
        }

        @Override public void exec(InterpreterCpu c) {
            int n = (count < 0 ? Raw.get8(c.regs + 8) : count) & (d.size == 8 ? 63 : 31);
            long fill = s.getU(c);
            long h = d.rmwHost(c), b = Loc.signed(h, d.size), u = b & Loc.mask(d.size);
            if (n == 0) {
                d.commit(h, b);
                return;
            }
            int bits = d.size * 8;
            long x, a;
            if (d.size == 2) {
                long v = (left ? u : fill) << 32 | fill << 16 | (left ? fill : u);
                x = (short) (left ? v << n >>> 32 : v >>> n);
                a = left ? Loc.signed(2, v << n - 1 >>> 32) : v >>> n - 1;
            } else {
                x = Loc.signed(d.size, left ? u << n | fill >>> bits - n : u >>> n | fill << bits - n);
                a = left ? Loc.signed(d.size, u << n - 1) : u >>> n - 1;
            }
            d.commit(h, x);
            long tops = x ^ Loc.signed(d.size, x << 1);
            if (n > bits) {
                // the second round leaves no carry
                FlagRules.set(c, FlagRules.SHRD, x, 0, left ? 0 : tops);
            } else if (n == bits && left) {
                FlagRules.set(c, FlagRules.SHRD, x, a < 0 ? 1 : 0, a);
            } else {
                FlagRules.set(c, left ? FlagRules.SHL : FlagRules.SHRD, x, a, tops);
            }
        }
    }
}
