package xen.cpu.bytecode;

/**
 * Lazy arithmetic flags at run time: what regions call when the kind of the last flag writer is not known while they are written. A
 * writer leaves result and operands sign-extended from its size, as tier 0's do.
 */
final class Flags {
    static final int CF = 1, PF = 4, AF = 16, ZF = 64, SF = 128, OF = 1 << 11;
    /** Kinds. RAW: the result is the flags themselves; INC and DEC: the second operand is the carry before; shifts: the first is the operand but for the last step. */
    static final int RAW = 0, ADD = 1, SUB = 2, SBB = 3, LOGIC = 4, INC = 5, DEC = 6, SHL = 7, SHR = 8, SAR = 9;

    private Flags() {}

    static long arithmetic(int kind, long r, long a, long b) {
        if (kind == RAW) {
            return r;
        }
        return carry(kind, r, a, b) | overflow(kind, r, a, b) << 11 | (r == 0 ? ZF : 0) | (r < 0 ? SF : 0) | parity(r) | adjust(kind, r, a, b);
    }

    /** 0 or 1. */
    static long carry(int kind, long r, long a, long b) {
        return switch (kind) {
            case RAW -> r & CF;
            case ADD -> (a & b | (a | b) & ~r) >>> 63;
            case SUB, SBB -> (~a & b | (~a | b) & r) >>> 63;
            case INC, DEC -> b;
            case SHL -> a >>> 63;
            case SHR, SAR -> a & 1;
            default -> 0;
        };
    }

    static long overflow(int kind, long r, long a, long b) {
        return switch (kind) {
            case RAW -> r >>> 11 & 1;
            case ADD -> ((a ^ r) & (b ^ r)) >>> 63;
            case SUB, SBB -> ((a ^ b) & (a ^ r)) >>> 63;
            case INC -> (~a & r) >>> 63;
            case DEC -> (a & ~r) >>> 63;
            case SHL -> (a ^ r) >>> 63;
            case SHR -> a >>> 63;
            default -> 0;
        };
    }

    private static long adjust(int kind, long r, long a, long b) {
        return switch (kind) {
            case ADD, SUB, SBB -> (a ^ b ^ r) & AF;
            case INC, DEC -> (a ^ r) & AF;
            case SHL, SHR, SAR -> AF;
            default -> 0;
        };
    }

    static long parity(long r) {
        int p = (int) (r ^ r >>> 4);
        return 0x9669 >>> (p & 15) << 2 & PF;
    }

    private static boolean zero(int kind, long r) { return kind == RAW ? (r & ZF) != 0 : r == 0; }

    private static boolean sign(int kind, long r) { return kind == RAW ? (r & SF) != 0 : r < 0; }

    /** Condition code {@code cc} as encoded. */
    static boolean test(int kind, long r, long a, long b, int cc) {
        boolean yes = switch (cc >> 1) {
            case 0 -> overflow(kind, r, a, b) != 0;
            case 1 -> carry(kind, r, a, b) != 0;
            case 2 -> zero(kind, r);
            case 3 -> zero(kind, r) || carry(kind, r, a, b) != 0;
            case 4 -> sign(kind, r);
            case 5 -> (kind == RAW ? r & PF : parity(r)) != 0;
            case 6 -> sign(kind, r) != (overflow(kind, r, a, b) != 0);
            default -> zero(kind, r) || sign(kind, r) != (overflow(kind, r, a, b) != 0);
        };
        return yes != ((cc & 1) != 0);
    }

    // What partial writers leave: RAW flags

    static long withCarry(int kind, long r, long a, long b, long carry) { return arithmetic(kind, r, a, b) & ~CF | carry & CF; }

    /** CF and OF of a multiplication; {@code lost} is not 0 when the product does not fit. */
    static long product(int kind, long r, long a, long b, long lost) {
        return arithmetic(kind, r, a, b) & ~(CF | OF) | (lost != 0 ? CF | OF : 0);
    }

    /** DIV and IDIV as AMD has them. */
    static long quotient(int kind, long r, long a, long b) { return arithmetic(kind, r, a, b) & (CF | OF) | AF; }

    static long rotatedLeft(int kind, long r, long a, long b, long x, int bits) {
        long c = x & 1, o = (x >>> bits - 1 ^ x) & 1;
        return arithmetic(kind, r, a, b) & ~(CF | OF) | c | o << 11;
    }

    static long rotatedRight(int kind, long r, long a, long b, long x, int bits) {
        long c = x >>> bits - 1 & 1, o = (x >>> bits - 1 ^ x >>> bits - 2) & 1;
        return arithmetic(kind, r, a, b) & ~(CF | OF) | c | o << 11;
    }

    /** TZCNT and LZCNT: OF stays. */
    static long counted(int kind, long r, long a, long b, long source, long count) {
        return overflow(kind, r, a, b) << 11 | (source == 0 ? CF : 0) | (count == 0 ? ZF : 0);
    }

    static long populated(long source, long none) { return source == 0 ? ZF : none; }

    /** BSF and BSR. */
    static long scanned(long source, long index) { return source == 0 ? ZF | PF : parity(index); }

    /** Left; v is zero-extended, bits is a power of two. */
    static long rotate(long v, int n, int bits) {
        n &= bits - 1;
        return v << n | v >>> bits - n;
    }

    // Between the frame's form (bit 0 OF, bits 8-15 the low byte) and RFLAGS

    static long unpack(long f) { return f >>> 8 & 0xd5 | (f & 1) << 11; }

    static long pack(long f) { return (f & 0xd5) << 8 | f >>> 11 & 1; }
}
