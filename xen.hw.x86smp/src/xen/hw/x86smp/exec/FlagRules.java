package xen.hw.x86smp.exec;

/**
 * How each kind of flag writer defines the arithmetic flags. A writer leaves result and operands <em>sign-extended from its size</em>: then
 * every rule is the same for all sizes (SF is the sign, ZF is zero, unsigned order is preserved by sign extension). What the manuals leave
 * undefined is as AMD's processors have it, the vendor that CPUID names: shifts set AF, and OF as for their last step.
 */
final class FlagRules {
    /** Kinds; {@link LazyFlags#RAW} is 0. What fa and fb hold stands with each. */
    static final int
            /** ADD, ADC, XADD: both operands. */
            ADD = 1,
            /** SUB, CMP, NEG, CMPXCHG, without borrow in: both operands. */
            SUB = 2,
            /** SBB: both operands; the comparisons that hold for SUB do not. */
            SBB = 3,
            /** AND, OR, XOR, TEST: nothing. */
            LOGIC = 4,
            /** fb: the carry before. */
            INC = 5, DEC = 6,
            /** fa: the operand shifted by all but the last step. */
            SHL = 7, SHR = 8, SAR = 9,
            /** fa as for SHR; fb: negative = the result's two highest bits differ. */
            SHRD = 10;

    private FlagRules() {}

    static void set(InterpreterCpu c, int kind, long result, long a, long b) {
        c.fk = kind;
        c.fr = result;
        c.fa = a;
        c.fb = b;
    }

    static void logic(InterpreterCpu c, long result) {
        c.fk = LOGIC;
        c.fr = result;
    }

    /** Leaves all six flags as they are given. */
    static void raw(InterpreterCpu c, long flags) {
        c.fk = LazyFlags.RAW;
        c.fr = flags;
    }

    /** Replaces the flags in {@code mask}, keeps the others. */
    static void change(InterpreterCpu c, int mask, long flags) {
        raw(c, c.arithmetic() & ~mask | flags & mask);
    }

    static long compute(int kind, long r, long a, long b) {
        long f = (carry(kind, r, a, b) ? LazyFlags.CF : 0) | (overflow(kind, r, a, b) ? LazyFlags.OF : 0);
        if (r == 0) {
            f |= LazyFlags.ZF;
        }
        if (r < 0) {
            f |= LazyFlags.SF;
        }
        return f | parity(r) | adjust(kind, r, a, b);
    }

    private static boolean carry(int kind, long r, long a, long b) {
        return switch (kind) {
            case ADD -> (a & b | (a | b) & ~r) < 0;
            case SUB -> Long.compareUnsigned(a, b) < 0;
            case SBB -> (~a & b | (~a | b) & r) < 0;
            case INC, DEC -> b != 0;
            case SHL -> a < 0;
            case SHR, SAR, SHRD -> (a & 1) != 0;
            default -> false;
        };
    }

    private static boolean overflow(int kind, long r, long a, long b) {
        return switch (kind) {
            case ADD -> ((a ^ r) & (b ^ r)) < 0;
            case SUB, SBB -> ((a ^ b) & (a ^ r)) < 0;
            case INC -> ((~a & r)) < 0;
            case DEC -> ((a & ~r)) < 0;
            case SHL -> (a ^ r) < 0;
            case SHR -> a < 0;
            case SHRD -> b < 0;
            default -> false;
        };
    }

    private static long adjust(int kind, long r, long a, long b) {
        return switch (kind) {
            case ADD, SUB, SBB -> (a ^ b ^ r) & LazyFlags.AF;
            case INC, DEC -> (a ^ r) & LazyFlags.AF;
            case SHL, SHR, SAR, SHRD -> LazyFlags.AF;
            default -> 0;
        };
    }

    /** PF in place: even number of ones in the low byte. */
    static long parity(long r) {
        int p = (int) (r ^ r >>> 4);
        return 0x9669 >>> (p & 15) << 2 & LazyFlags.PF;
    }

    static boolean cf(InterpreterCpu c) {
        return c.fk == LazyFlags.RAW ? (c.fr & LazyFlags.CF) != 0 : carry(c.fk, c.fr, c.fa, c.fb);
    }

    static boolean of(InterpreterCpu c) {
        return c.fk == LazyFlags.RAW ? (c.fr & LazyFlags.OF) != 0 : overflow(c.fk, c.fr, c.fa, c.fb);
    }

    static boolean zf(InterpreterCpu c) {
        return c.fk == LazyFlags.RAW ? (c.fr & LazyFlags.ZF) != 0 : c.fr == 0;
    }

    static boolean sf(InterpreterCpu c) {
        return c.fk == LazyFlags.RAW ? (c.fr & LazyFlags.SF) != 0 : c.fr < 0;
    }

    static boolean pf(InterpreterCpu c) {
        return (c.fk == LazyFlags.RAW ? c.fr & LazyFlags.PF : parity(c.fr)) != 0;
    }

    /** Condition code {@code cc} (0 to 15 as encoded), whoever wrote the flags. */
    static boolean test(InterpreterCpu c, int cc) {
        boolean yes = switch (cc >> 1) {
            case 0 -> of(c);
            case 1 -> cf(c);
            case 2 -> zf(c);
            case 3 -> zf(c) || cf(c);
            case 4 -> sf(c);
            case 5 -> pf(c);
            case 6 -> less(c);
            default -> zf(c) || less(c);
        };
        return yes != ((cc & 1) != 0);
    }

    private static boolean less(InterpreterCpu c) {
        return c.fk == SUB ? c.fa < c.fb : sf(c) != of(c);
    }

    /**
     * Truth table of a condition over {@code (a == b) | (a < b) << 1 | (a <u b) << 2} behind a compare of a with b; -1 if the condition
     * looks at something else.
     */
    static int compareTable(int cc) {
        int t = switch (cc >> 1) {
            case 1 -> 0b11110000;
            case 2 -> 0b10101010;
            case 3 -> 0b11111010;
            case 6 -> 0b11001100;
            case 7 -> 0b11101110;
            default -> -1;
        };
        return t < 0 ? -1 : (cc & 1) != 0 ? ~t & 0xff : t;
    }

    static int compareIndex(long a, long b) {
        return (a == b ? 1 : 0) | (a < b ? 2 : 0) | (a + Long.MIN_VALUE < b + Long.MIN_VALUE ? 4 : 0);
    }

    /** The same over {@code (r == 0) | (r < 0) << 1} behind AND, OR, XOR, TEST; -1 if it looks at something else. */
    static int logicTable(int cc) {
        int t = switch (cc >> 1) {
            case 0, 1 -> 0b0000;
            case 2, 3 -> 0b1010;
            case 4, 6 -> 0b1100;
            case 7 -> 0b1110;
            default -> -1;
        };
        return t < 0 ? -1 : (cc & 1) != 0 ? ~t & 15 : t;
    }

    static int logicIndex(long r) {
        return (r == 0 ? 1 : 0) | (r < 0 ? 2 : 0);
    }
}
