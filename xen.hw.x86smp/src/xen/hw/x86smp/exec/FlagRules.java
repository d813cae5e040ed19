package xen.hw.x86smp.exec;

import xen.hw.x86smp.rules.Flags;

/** The lazy flags of a CPU as the ops write and ask for them; the rules are {@link Flags}'. */
final class FlagRules {
    /** Kinds. */
    static final int ADD = Flags.ADD, SUB = Flags.SUB, SBB = Flags.SBB, LOGIC = Flags.LOGIC, INC = Flags.INC, DEC = Flags.DEC, SHL = Flags.SHL,
            SHR = Flags.SHR, SAR = Flags.SAR, SHRD = Flags.SHRD;

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

    static boolean cf(InterpreterCpu c) { return Flags.carry(c.fk, c.fr, c.fa, c.fb) != 0; }

    static boolean of(InterpreterCpu c) { return Flags.overflow(c.fk, c.fr, c.fa, c.fb) != 0; }

    static boolean zf(InterpreterCpu c) { return Flags.zero(c.fk, c.fr); }

    /** Condition code {@code cc} (0 to 15 as encoded), whoever wrote the flags. */
    static boolean test(InterpreterCpu c, int cc) { return Flags.test(c.fk, c.fr, c.fa, c.fb, cc); }

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
