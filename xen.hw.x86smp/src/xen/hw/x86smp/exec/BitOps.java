package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.rules.Flags;

/** Bit tests and scans, BMI1, BMI2, CRC32. */
final class BitOps {
    private BitOps() {}

    /** BT BTS BTR BTC; with memory and a register the bit may lie anywhere around the address. A null source is the immediate. */
    static final class Test extends Op {
        private final Opcode op;
        private final Loc d, s;
        private final int bit;
        private final boolean lock;

        Test(Opcode op, Loc d, Loc s, int imm, boolean lock) {
            this.op = op;
            this.d = d;
            this.s = s;
            this.lock = lock;
            bit = imm & d.size * 8 - 1;
        }

        @Override public void exec(InterpreterCpu c) {
            long index = s == null ? bit : s.get(c);
            long h;
            if (d.ea == null) {
                h = c.regs + d.off;
            } else {
                Ea e = d.ea;
                long unit = (index >> (d.size == 8 ? 6 : d.size == 4 ? 5 : 4)) * d.size;
                long va = e.linear(c, e.offset(c) + unit);
                h = op == Opcode.BT ? c.hostRead(va, d.size) : lock ? c.rmwLocked(va, d.size) : c.rmw(va, d.size);
            }
            long m = 1L << (index & d.size * 8 - 1), a;
            if (op == Opcode.BT) {
                a = Loc.signed(h, d.size);
            } else {
                long x;
                do {
                    a = Loc.signed(h, d.size);
                    x = switch (op) {
                        case BTS -> a | m;
                        case BTR -> a & ~m;
                        default -> a ^ m;
                    };
                } while (lock && !d.cas(h, a, x));
                if (!lock) {
                    d.commit(h, x);
                }
            }
            FlagRules.change(c, LazyFlags.CF, (a & m) != 0 ? LazyFlags.CF : 0);
        }
    }

    /** BSF BSR TZCNT LZCNT POPCNT. A zero source leaves the destination of BSF and BSR as it was; TZCNT and LZCNT leave OF. */
    static final class Scan extends Op {
        private final Opcode op;
        private final Loc d, s;

        Scan(Opcode op, Loc d, Loc s) {
            this.op = op;
            this.d = d;
            this.s = s;
        }

        @Override public void exec(InterpreterCpu c) {
            long v = s.getU(c);
            int bits = d.size * 8;
            long f;
            switch (op) {
                case BSF, BSR -> {
                    if (v == 0) {
                        f = LazyFlags.ZF | LazyFlags.PF;
                    } else {
                        int n = op == Opcode.BSF ? Long.numberOfTrailingZeros(v) : 63 - Long.numberOfLeadingZeros(v);
                        d.put(c, n);
                        f = Flags.parity(n);
                    }
                }
                case POPCNT -> {
                    d.put(c, Long.bitCount(v));
                    f = v == 0 ? LazyFlags.ZF : 0;
                }
                default -> {
                    int n = v == 0 ? bits : op == Opcode.TZCNT ? Long.numberOfTrailingZeros(v) : Long.numberOfLeadingZeros(v) - 64 + bits;
                    d.put(c, n);
                    f = (FlagRules.of(c) ? LazyFlags.OF : 0) | (v == 0 ? LazyFlags.CF : 0) | (n == 0 ? LazyFlags.ZF : 0);
                }
            }
            FlagRules.raw(c, f);
        }
    }

    /** ANDN BLSI BLSMSK BLSR BZHI BEXTR: destination, first and second source. */
    static final class Bmi extends Op {
        private final Opcode op;
        private final Loc d, a, b;

        Bmi(Opcode op, Loc d, Loc a, Loc b) {
            this.op = op;
            this.d = d;
            this.a = a;
            this.b = b;
        }

        @Override public void exec(InterpreterCpu c) {
            int bits = d.size * 8;
            long u = a.getU(c), v = b == null ? 0 : b.getU(c), x;
            boolean carry = false;
            switch (op) {
                case ANDN -> x = ~u & v;
                case BLSI -> { x = u & -u; carry = u != 0; }
                case BLSMSK -> { x = u ^ u - 1; carry = u == 0; }
                case BLSR -> { x = u & u - 1; carry = u == 0; }
                case BZHI -> {
                    int n = (int) v & 0xff;
                    carry = n >= bits;
                    x = carry ? u : u & (1L << n) - 1;
                }
                default -> {
                    int start = (int) v & 0xff, length = (int) v >> 8 & 0xff;
                    x = start >= bits ? 0 : u >>> start;
                    x = length >= 64 ? x : x & (1L << length) - 1;
                }
            }
            x = Loc.signed(d.size, x);
            d.put(c, x);
            int set = op == Opcode.BEXTR ? LazyFlags.AF : x < 0 ? LazyFlags.SF : 0;
            FlagRules.raw(c, (x == 0 ? LazyFlags.ZF : 0) | set | Flags.parity(x) | (carry ? LazyFlags.CF : 0));
        }
    }

    /** SHLX SHRX SARX RORX PDEP PEXT: no flags. A null second source is the immediate. */
    static final class BmiQuiet extends Op {
        private final Opcode op;
        private final Loc d, a, b;
        private final int imm;

        BmiQuiet(Opcode op, Loc d, Loc a, Loc b, int imm) {
            this.op = op;
            this.d = d;
            this.a = a;
            this.b = b;
            this.imm = imm;
        }

        @Override public void exec(InterpreterCpu c) {
            int bits = d.size * 8;
            long v = a.getU(c), m = b == null ? imm : b.getU(c);
            int n = (int) m & bits - 1;
            d.put(c, switch (op) {
                case SHLX -> v << n;
                case SHRX -> v >>> n;
                case SARX -> Loc.signed(d.size, v) >> n;
                case RORX -> n == 0 ? v : v >>> n | v << bits - n;
                case PDEP -> Long.expand(v, m);
                default -> Long.compress(v, m);
            });
        }
    }

    /** MULX: high half, low half, source; the other factor is rDX. */
    static final class Mulx extends Op {
        private final Loc high, low, s;

        Mulx(Loc high, Loc low, Loc s) {
            this.high = high;
            this.low = low;
            this.s = s;
        }

        @Override public void exec(InterpreterCpu c) {
            long a = Loc.unsigned(c.regs + 16, s.size), b = s.getU(c), x = a * b;
            low.put(c, x);
            high.put(c, s.size == 8 ? Math.unsignedMultiplyHigh(a, b) : x >>> 32);
        }
    }

    /** CRC32: Castagnoli polynomial, reflected. */
    static final class Crc32 extends Op {
        private static final int POLYNOMIAL = 0x82f63b78;
        private final Loc d, s;

        Crc32(Loc d, Loc s) {
            this.d = d;
            this.s = s;
        }

        @Override public void exec(InterpreterCpu c) {
            long v = s.getU(c);
            int crc = (int) d.getU(c);
            for (int i = 0; i < s.size; i++) {
                crc ^= (int) (v >>> 8 * i) & 0xff;
                for (int k = 0; k < 8; k++) {
                    crc = crc >>> 1 ^ POLYNOMIAL & -(crc & 1);
                }
            }
            d.put(c, crc & 0xffff_ffffL);
        }
    }
}
