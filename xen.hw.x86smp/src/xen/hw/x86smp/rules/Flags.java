package xen.hw.x86smp.rules;

/**
 * How each kind of flag writer defines the arithmetic flags. A writer leaves result and operands <em>sign-extended from its size</em>: then
 * every rule is the same for all sizes (SF is the sign, ZF is zero, unsigned order is preserved by sign extension). What the manuals leave
 * undefined is as AMD's processors have it, the vendor that CPUID names: shifts set AF, and OF as for their last step.
 */
public final class Flags {
    public static final int CF = 1, PF = 4, AF = 16, ZF = 64, SF = 128, OF = 1 << 11;
    /** Kinds of writers; what the operands a and b hold stands with each. */
    public static final int
            /** The result is the flags themselves. */
            RAW = 0,
            /** ADD, ADC, XADD: both operands. */
            ADD = 1,
            /** SUB, CMP, NEG, CMPXCHG, without borrow in: both operands. */
            SUB = 2,
            /** SBB: both operands; the comparisons that hold for SUB do not. */
            SBB = 3,
            /** AND, OR, XOR, TEST: nothing. */
            LOGIC = 4,
            /** b: the carry before. */
            INC = 5, DEC = 6,
            /** a: the operand shifted by all but the last step. */
            SHL = 7, SHR = 8, SAR = 9,
            /** a as for SHR; b: negative = the result's two highest bits differ. */
            SHRD = 10;

    private Flags() {}

    /** All six. */
    public static long arithmetic(int kind, long r, long a, long b) {
        if (kind == RAW) {
            return r;
        }
        return carry(kind, r, a, b) | overflow(kind, r, a, b) << 11 | (r == 0 ? ZF : 0) | (r < 0 ? SF : 0) | parity(r) | adjust(kind, r, a, b);
    }

    /** 0 or 1. */
    public static long carry(int kind, long r, long a, long b) {
        return switch (kind) {
            case RAW -> r & CF;
            case ADD -> (a & b | (a | b) & ~r) >>> 63;
            case SUB, SBB -> (~a & b | (~a | b) & r) >>> 63;
            case INC, DEC -> b;
            case SHL -> a >>> 63;
            case SHR, SAR, SHRD -> a & 1;
            default -> 0;
        };
    }

    /** 0 or 1. */
    public static long overflow(int kind, long r, long a, long b) {
        return switch (kind) {
            case RAW -> r >>> 11 & 1;
            case ADD -> ((a ^ r) & (b ^ r)) >>> 63;
            case SUB, SBB -> ((a ^ b) & (a ^ r)) >>> 63;
            case INC -> (~a & r) >>> 63;
            case DEC -> (a & ~r) >>> 63;
            case SHL -> (a ^ r) >>> 63;
            case SHR -> a >>> 63;
            case SHRD -> b >>> 63;
            default -> 0;
        };
    }

    private static long adjust(int kind, long r, long a, long b) {
        return switch (kind) {
            case ADD, SUB, SBB -> (a ^ b ^ r) & AF;
            case INC, DEC -> (a ^ r) & AF;
            case SHL, SHR, SAR, SHRD -> AF;
            default -> 0;
        };
    }

    /** PF in place: even number of ones in the low byte. */
    public static long parity(long r) {
        int p = (int) (r ^ r >>> 4);
        return 0x9669 >>> (p & 15) << 2 & PF;
    }

    public static boolean zero(int kind, long r) { return kind == RAW ? (r & ZF) != 0 : r == 0; }

    public static boolean sign(int kind, long r) { return kind == RAW ? (r & SF) != 0 : r < 0; }

    /** Condition code {@code cc} as encoded, 0 to 15. */
    public static boolean test(int kind, long r, long a, long b, int cc) {
        boolean yes = switch (cc >> 1) {
            case 0 -> overflow(kind, r, a, b) != 0;
            case 1 -> carry(kind, r, a, b) != 0;
            case 2 -> zero(kind, r);
            case 3 -> zero(kind, r) || carry(kind, r, a, b) != 0;
            case 4 -> sign(kind, r);
            case 5 -> (kind == RAW ? r & PF : parity(r)) != 0;
            case 6 -> less(kind, r, a, b);
            default -> zero(kind, r) || less(kind, r, a, b);
        };
        return yes != ((cc & 1) != 0);
    }

    private static boolean less(int kind, long r, long a, long b) {
        return kind == SUB ? a < b : sign(kind, r) != (overflow(kind, r, a, b) != 0);
    }
}
