package xen.hw.x86smp.fpu;

import xen.kernel.api.hw.Raw;

/**
 * PCMPxSTRx: aggregation of two packed strings. {@link #compare} gives the intermediate result (IntRes2) in its low 16 bits and the
 * flags CF, ZF, SF, OF above, at their places in RFLAGS shifted by 16.
 */
final class StringCompare {
    private StringCompare() {}

    /** Length of a string that ends at its first zero element, at most a register's full. */
    static int implicitLength(long s, int imm) {
        int n = (imm & 1) != 0 ? 8 : 16;
        for (int i = 0; i < n; i++) {
            if (element(s, i, imm) == 0) {
                return i;
            }
        }
        return n;
    }

    /** EAX/EDX (RAX/RDX with REX.W): magnitude, saturated. */
    static int explicitLength(long v, int imm) {
        int n = (imm & 1) != 0 ? 8 : 16;
        return v > n || v < -n ? n : (int) Math.abs(v);
    }

    private static int element(long s, int i, int imm) {
        return switch (imm & 3) {
            case 0 -> Raw.get8(s + i);
            case 1 -> Raw.get16(s + 2 * i);
            case 2 -> (byte) Raw.get8(s + i);
            default -> (short) Raw.get16(s + 2 * i);
        };
    }

    static int compare(long a, int aLength, long b, int bLength, int imm) {
        int n = (imm & 1) != 0 ? 8 : 16;
        int r = 0;
        for (int j = 0; j < n; j++) {
            boolean hit = switch (imm >> 2 & 3) {
                case 0 -> equalAny(a, aLength, b, bLength, j, imm);
                case 1 -> ranges(a, aLength, b, bLength, j, imm);
                case 2 -> equalEach(a, aLength, b, bLength, j, imm);
                default -> equalOrdered(a, aLength, b, bLength, j, imm, n);
            };
            if (hit) {
                r |= 1 << j;
            }
        }
        int all = (1 << n) - 1;
        if ((imm & 0x10) != 0) {
            r ^= (imm & 0x20) != 0 ? (1 << bLength) - 1 : all;
        }
        int flags = (r != 0 ? 1 : 0) | (bLength < n ? 0x40 : 0) | (aLength < n ? 0x80 : 0) | (r & 1) << 11;
        return r | flags << 16;
    }

    private static boolean equalAny(long a, int aLength, long b, int bLength, int j, int imm) {
        if (j >= bLength) {
            return false;
        }
        int v = element(b, j, imm);
        for (int i = 0; i < aLength; i++) {
            if (element(a, i, imm) == v) {
                return true;
            }
        }
        return false;
    }

    private static boolean ranges(long a, int aLength, long b, int bLength, int j, int imm) {
        if (j >= bLength) {
            return false;
        }
        int v = element(b, j, imm);
        for (int i = 0; i + 1 < aLength; i += 2) {
            if (element(a, i, imm) <= v && v <= element(a, i + 1, imm)) {
                return true;
            }
        }
        return false;
    }

    private static boolean equalEach(long a, int aLength, long b, int bLength, int j, int imm) {
        if (j >= aLength || j >= bLength) {
            return j >= aLength && j >= bLength;
        }
        return element(a, j, imm) == element(b, j, imm);
    }

    private static boolean equalOrdered(long a, int aLength, long b, int bLength, int j, int imm, int n) {
        for (int i = 0; i < aLength && j + i < n; i++) {
            if (j + i >= bLength || element(a, i, imm) != element(b, j + i, imm)) {
                return false;
            }
        }
        return true;
    }

    /** PCMPxSTRI: index of the lowest or highest (imm bit 6) set bit, or the number of elements. */
    static int index(int result, int imm) {
        int r = result & 0xffff;
        if (r == 0) {
            return (imm & 1) != 0 ? 8 : 16;
        }
        return (imm & 0x40) != 0 ? 31 - Integer.numberOfLeadingZeros(r) : Integer.numberOfTrailingZeros(r);
    }

    /** PCMPxSTRM: the bits, or (imm bit 6) each spread over its element. */
    static void mask(long d, int result, int imm) {
        int r = result & 0xffff;
        if ((imm & 0x40) == 0) {
            Raw.put64(d, r);
            Raw.put64(d + 8, 0);
        } else if ((imm & 1) != 0) {
            for (int i = 0; i < 8; i++) {
                Raw.put16(d + 2 * i, -(r >> i & 1));
            }
        } else {
            for (int i = 0; i < 16; i++) {
                Raw.put8(d + i, -(r >> i & 1));
            }
        }
    }
}
