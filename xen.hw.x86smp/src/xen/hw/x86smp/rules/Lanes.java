package xen.hw.x86smp.rules;

/**
 * Integer SIMD on 64 bits at once: the semantics shared by MMX, SSE (twice) and AVX (four times). Element-wise functions of two longs;
 * additions work on all elements at once with the carries kept apart, the rest are short loops. Methods are named like the instructions.
 */
public final class Lanes {
    private static final long H8 = 0x8080_8080_8080_8080L, H16 = 0x8000_8000_8000_8000L, H32 = 0x8000_0000_8000_0000L;

    private Lanes() {}

    /** A function of the same element of two operands. */
    public interface Fn {
        long apply(long a, long b);
    }

    private static long add(long a, long b, long h) { return (a & ~h) + (b & ~h) ^ (a ^ b) & h; }
    private static long sub(long a, long b, long h) { return (a | h) - (b & ~h) ^ (a ^ ~b) & h; }

    public static long paddb(long a, long b) { return add(a, b, H8); }
    public static long paddw(long a, long b) { return add(a, b, H16); }
    public static long paddd(long a, long b) { return add(a, b, H32); }
    public static long paddq(long a, long b) { return a + b; }
    public static long psubb(long a, long b) { return sub(a, b, H8); }
    public static long psubw(long a, long b) { return sub(a, b, H16); }
    public static long psubd(long a, long b) { return sub(a, b, H32); }
    public static long psubq(long a, long b) { return a - b; }

    public static long pand(long a, long b) { return a & b; }
    public static long pandn(long a, long b) { return ~a & b; }
    public static long por(long a, long b) { return a | b; }
    public static long pxor(long a, long b) { return a ^ b; }

    /** The top bit of each element spread over the element. */
    private static long spread8(long h) { return (h << 1) - (h >>> 7); }
    private static long spread16(long h) { return (h << 1) - (h >>> 15); }
    private static long spread32(long h) { return (h << 1) - (h >>> 31); }

    private static long zero(long x, long h) { return ~((x & ~h) + ~h | x) & h; }

    public static long pcmpeqb(long a, long b) { return spread8(zero(a ^ b, H8)); }
    public static long pcmpeqw(long a, long b) { return spread16(zero(a ^ b, H16)); }
    public static long pcmpeqd(long a, long b) { return spread32(zero(a ^ b, H32)); }
    public static long pcmpeqq(long a, long b) { return a == b ? -1 : 0; }

    /** Top bits where a > b, signed. */
    private static long greater(long a, long b, long h) {
        long d = sub(b, a, h);
        return (d ^ (a ^ b) & (d ^ b)) & h;
    }

    public static long pcmpgtb(long a, long b) { return spread8(greater(a, b, H8)); }
    public static long pcmpgtw(long a, long b) { return spread16(greater(a, b, H16)); }
    public static long pcmpgtd(long a, long b) { return spread32(greater(a, b, H32)); }
    public static long pcmpgtq(long a, long b) { return a > b ? -1 : 0; }

    private static long choose(long mask, long a, long b) { return a & mask | b & ~mask; }

    public static long pmaxsb(long a, long b) { return choose(pcmpgtb(a, b), a, b); }
    public static long pmaxsw(long a, long b) { return choose(pcmpgtw(a, b), a, b); }
    public static long pmaxsd(long a, long b) { return choose(pcmpgtd(a, b), a, b); }
    public static long pminsb(long a, long b) { return choose(pcmpgtb(a, b), b, a); }
    public static long pminsw(long a, long b) { return choose(pcmpgtw(a, b), b, a); }
    public static long pminsd(long a, long b) { return choose(pcmpgtd(a, b), b, a); }
    public static long pmaxub(long a, long b) { return choose(pcmpgtb(a ^ H8, b ^ H8), a, b); }
    public static long pmaxuw(long a, long b) { return choose(pcmpgtw(a ^ H16, b ^ H16), a, b); }
    public static long pmaxud(long a, long b) { return choose(pcmpgtd(a ^ H32, b ^ H32), a, b); }
    public static long pminub(long a, long b) { return choose(pcmpgtb(a ^ H8, b ^ H8), b, a); }
    public static long pminuw(long a, long b) { return choose(pcmpgtw(a ^ H16, b ^ H16), b, a); }
    public static long pminud(long a, long b) { return choose(pcmpgtd(a ^ H32, b ^ H32), b, a); }

    public static long paddusb(long a, long b) {
        long s = paddb(a, b);
        return s | spread8((a & b | (a | b) & ~s) & H8);
    }

    public static long paddusw(long a, long b) {
        long s = paddw(a, b);
        return s | spread16((a & b | (a | b) & ~s) & H16);
    }

    public static long psubusb(long a, long b) { return psubb(a, pminub(a, b)); }
    public static long psubusw(long a, long b) { return psubw(a, pminuw(a, b)); }

    public static long paddsb(long a, long b) {
        long s = paddb(a, b), over = spread8(~(a ^ b) & (a ^ s) & H8);
        return choose(over, ~H8 ^ spread8(a & H8), s);
    }

    public static long paddsw(long a, long b) {
        long s = paddw(a, b), over = spread16(~(a ^ b) & (a ^ s) & H16);
        return choose(over, ~H16 ^ spread16(a & H16), s);
    }

    public static long psubsb(long a, long b) {
        long s = psubb(a, b), over = spread8((a ^ b) & (a ^ s) & H8);
        return choose(over, ~H8 ^ spread8(a & H8), s);
    }

    public static long psubsw(long a, long b) {
        long s = psubw(a, b), over = spread16((a ^ b) & (a ^ s) & H16);
        return choose(over, ~H16 ^ spread16(a & H16), s);
    }

    public static long pavgb(long a, long b) { return (a | b) - ((a ^ b) >>> 1 & ~H8); }
    public static long pavgw(long a, long b) { return (a | b) - ((a ^ b) >>> 1 & ~H16); }

    public static int word(long v, int i) { return (short) (v >>> 16 * i); }
    public static int octet(long v, int i) { return (int) (v >>> 8 * i) & 0xff; }

    public static long pmullw(long a, long b) {
        long r = 0;
        for (int i = 0; i < 64; i += 16) {
            r |= ((a >>> i) * (b >>> i) & 0xffff) << i;
        }
        return r;
    }

    public static long pmulhw(long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            r |= (word(a, i) * word(b, i) >>> 16 & 0xffffL) << 16 * i;
        }
        return r;
    }

    public static long pmulhuw(long a, long b) {
        long r = 0;
        for (int i = 0; i < 64; i += 16) {
            r |= ((a >>> i & 0xffff) * (b >>> i & 0xffff) >>> 16) << i;
        }
        return r;
    }

    public static long pmulhrsw(long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            r |= ((word(a, i) * word(b, i) >> 14) + 1 >> 1 & 0xffffL) << 16 * i;
        }
        return r;
    }

    public static long pmulld(long a, long b) { return (int) a * (int) b & 0xffff_ffffL | (a >>> 32) * (b >>> 32) << 32; }
    public static long pmuludq(long a, long b) { return (a & 0xffff_ffffL) * (b & 0xffff_ffffL); }
    public static long pmuldq(long a, long b) { return (long) (int) a * (int) b; }

    public static long pmaddwd(long a, long b) {
        int lo = word(a, 0) * word(b, 0) + word(a, 1) * word(b, 1), hi = word(a, 2) * word(b, 2) + word(a, 3) * word(b, 3);
        return lo & 0xffff_ffffL | (long) hi << 32;
    }

    public static long pmaddubsw(long a, long b) {
        long r = 0;
        for (int i = 0; i < 8; i += 2) {
            int s = octet(a, i) * (byte) octet(b, i) + octet(a, i + 1) * (byte) octet(b, i + 1);
            r |= (saturate16(s) & 0xffffL) << 8 * i;
        }
        return r;
    }

    public static int saturate16(int v) { return Math.clamp(v, -32768, 32767); }

    public static long psadbw(long a, long b) {
        int s = 0;
        for (int i = 0; i < 8; i++) {
            s += Math.abs(octet(a, i) - octet(b, i));
        }
        return s;
    }

    public static long pabsb(long a, long b) {
        long m = spread8(b & H8);
        return psubb(b ^ m, m);
    }

    public static long pabsw(long a, long b) {
        long m = spread16(b & H16);
        return psubw(b ^ m, m);
    }

    public static long pabsd(long a, long b) {
        long m = spread32(b & H32);
        return psubd(b ^ m, m);
    }

    public static long psignb(long a, long b) {
        long m = spread8(b & H8);
        return psubb(a ^ m, m) & ~pcmpeqb(b, 0);
    }

    public static long psignw(long a, long b) {
        long m = spread16(b & H16);
        return psubw(a ^ m, m) & ~pcmpeqw(b, 0);
    }

    public static long psignd(long a, long b) {
        long m = spread32(b & H32);
        return psubd(a ^ m, m) & ~pcmpeqd(b, 0);
    }

    // Shifts: b is the count, the same for all elements

    public static long psllw(long a, long n) { return Long.compareUnsigned(n, 15) > 0 ? 0 : a << n & (0xffffL << n & 0xffff) * 0x0001_0001_0001_0001L; }
    public static long psrlw(long a, long n) { return Long.compareUnsigned(n, 15) > 0 ? 0 : a >>> n & (0xffffL >>> n) * 0x0001_0001_0001_0001L; }
    public static long pslld(long a, long n) { return Long.compareUnsigned(n, 31) > 0 ? 0 : a << n & (0xffff_ffffL << n & 0xffff_ffffL) * 0x1_0000_0001L; }
    public static long psrld(long a, long n) { return Long.compareUnsigned(n, 31) > 0 ? 0 : a >>> n & (0xffff_ffffL >>> n) * 0x1_0000_0001L; }
    public static long psllq(long a, long n) { return Long.compareUnsigned(n, 63) > 0 ? 0 : a << n; }
    public static long psrlq(long a, long n) { return Long.compareUnsigned(n, 63) > 0 ? 0 : a >>> n; }

    public static long psraw(long a, long n) {
        long k = Long.compareUnsigned(n, 15) > 0 ? 15 : n;
        return psrlw(a, k) | spread16(a & H16) & ~((0xffffL >>> k) * 0x0001_0001_0001_0001L);
    }

    public static long psrad(long a, long n) {
        long k = Long.compareUnsigned(n, 31) > 0 ? 31 : n;
        return psrld(a, k) | spread32(a & H32) & ~((0xffff_ffffL >>> k) * 0x1_0000_0001L);
    }

    // Horizontal within one long, for PHADD and relatives: the results of 64 bits are the low half of a long

    public static long phaddw(long a) { return word(a, 0) + word(a, 1) & 0xffffL | (word(a, 2) + word(a, 3) & 0xffffL) << 16; }
    public static long phsubw(long a) { return word(a, 0) - word(a, 1) & 0xffffL | (word(a, 2) - word(a, 3) & 0xffffL) << 16; }
    public static long phaddsw(long a) { return saturate16(word(a, 0) + word(a, 1)) & 0xffffL | (saturate16(word(a, 2) + word(a, 3)) & 0xffffL) << 16; }
    public static long phsubsw(long a) { return saturate16(word(a, 0) - word(a, 1)) & 0xffffL | (saturate16(word(a, 2) - word(a, 3)) & 0xffffL) << 16; }
    public static long phaddd(long a) { return a + (a >>> 32) & 0xffff_ffffL; }
    public static long phsubd(long a) { return a - (a >>> 32) & 0xffff_ffffL; }

    // Saturating narrowing of one long: the result is the low half

    public static long packsswb(long a) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            r |= (Math.clamp(word(a, i), -128, 127) & 0xffL) << 8 * i;
        }
        return r;
    }

    public static long packuswb(long a) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            r |= (long) Math.clamp(word(a, i), 0, 255) << 8 * i;
        }
        return r;
    }

    public static long packssdw(long a) { return saturate16((int) a) & 0xffffL | (saturate16((int) (a >>> 32)) & 0xffffL) << 16; }
    public static long packusdw(long a) { return Math.clamp((int) a, 0, 65535) | (long) Math.clamp((int) (a >>> 32), 0, 65535) << 16; }

    // Interleaving the low halves of two longs

    public static long punpcklbw(long a, long b) { return widen8(a) | widen8(b) << 8; }
    public static long punpcklwd(long a, long b) { return widen16(a) | widen16(b) << 16; }
    public static long punpckldq(long a, long b) { return a & 0xffff_ffffL | b << 32; }
    public static long punpckhbw(long a, long b) { return punpcklbw(a >>> 32, b >>> 32); }
    public static long punpckhwd(long a, long b) { return punpcklwd(a >>> 32, b >>> 32); }
    public static long punpckhdq(long a, long b) { return a >>> 32 | b & 0xffff_ffff_0000_0000L; }

    /** Four bytes zero-extended to words. */
    public static long widen8(long a) {
        a &= 0xffff_ffffL;
        a = (a | a << 16) & 0x0000_ffff_0000_ffffL;
        return (a | a << 8) & 0x00ff_00ff_00ff_00ffL;
    }

    /** Two words zero-extended to doublewords. */
    public static long widen16(long a) { return (a & 0xffff_ffffL | a << 16) & 0x0000_ffff_0000_ffffL; }

    public static long pshufb(long a, long control) {
        long r = 0;
        for (int i = 0; i < 64; i += 8) {
            long k = control >>> i;
            if ((k & 0x80) == 0) {
                r |= (a >>> 8 * (k & 7) & 0xff) << i;
            }
        }
        return r;
    }

    public static long pshufw(long a, int order) {
        return a >>> 16 * (order & 3) & 0xffff | (a >>> 16 * (order >> 2 & 3) & 0xffff) << 16 | (a >>> 16 * (order >> 4 & 3) & 0xffff) << 32
                | a >>> 16 * (order >> 6 & 3) << 48;
    }

    /** The top bits of eight bytes. */
    public static int pmovmskb(long a) { return (int) ((a & H8) * 0x0002_0408_1020_4081L >>> 56); }
}
