package xen.cpu.bytecode;

import static xen.hw.x86smp.rules.Flags.AF;
import static xen.hw.x86smp.rules.Flags.CF;
import static xen.hw.x86smp.rules.Flags.OF;
import static xen.hw.x86smp.rules.Flags.PF;
import static xen.hw.x86smp.rules.Flags.ZF;
import static xen.hw.x86smp.rules.Flags.arithmetic;
import static xen.hw.x86smp.rules.Flags.overflow;
import static xen.hw.x86smp.rules.Flags.parity;

/** What instructions that write a part of the flags leave, at run time; called by regions. The rules of whole writers are the machine's. */
final class PartialFlags {
    private PartialFlags() {}

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
