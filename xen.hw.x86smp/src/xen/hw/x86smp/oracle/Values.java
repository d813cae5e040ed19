package xen.hw.x86smp.oracle;

import java.util.random.RandomGenerator;

/**
 * Inputs that find bugs: borders of every operand size, special floating-point numbers in all
 * three formats, and a pool of memory that is a mixture of them. Deterministic.
 */
final class Values {
    private static final long[] INTEGERS = {0, 1, 2, 3, 0x0F, 0x10, 0x1F, 0x20, 0x3F, 0x40, 0x7F, 0x80, 0xFF, 0x100,
            0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFFL, 0x8000_0000L, 0xFFFF_FFFFL, 0x1_0000_0000L,
            Long.MAX_VALUE, Long.MIN_VALUE, -1, -2, -0x80, -0x81, -0x8000L, -0x8000_0000L, 0x5555_5555_5555_5555L};
    private static final int[] SINGLES = {0, 0x8000_0000, 1, 0x8000_0001, 0x007F_FFFF, 0x0080_0000, 0x3F80_0000,
            0xBF80_0000, 0x3F00_0000, 0x3FC0_0000, 0x4B00_0001, 0x4EFF_FFFF, 0x4F00_0000, 0xCF00_0000, 0x5F00_0000,
            0x7F7F_FFFF, 0xFF7F_FFFF, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0xFFC0_0000, 0x7F80_0001, 0xFFA0_1234};
    private static final long[] DOUBLES = {0, Long.MIN_VALUE, 1, 0x800F_FFFF_FFFF_FFFFL, 0x0010_0000_0000_0000L,
            0x3FF0_0000_0000_0000L, 0xBFF0_0000_0000_0000L, 0x3FE0_0000_0000_0000L, 0x3FF8_0000_0000_0000L,
            0x36A0_0000_0000_0000L, 0x47EF_FFFF_E000_0000L, 0x47EF_FFFF_F000_0000L, 0x41DF_FFFF_FFC0_0000L,
            0x41E0_0000_0000_0000L, 0xC1E0_0000_0000_0000L, 0x43E0_0000_0000_0000L, 0xC3E0_0000_0000_0000L,
            0x7FEF_FFFF_FFFF_FFFFL, 0x7FF0_0000_0000_0000L, 0xFFF0_0000_0000_0000L, 0x7FF8_0000_0000_0000L,
            0xFFF8_0000_0000_0000L, 0x7FF0_0000_0000_0001L, 0xFFF4_5678_9ABC_DEF0L};
    private static final int POOL_SIZE = 1 << 17;

    private final RandomGenerator random;
    private final byte[] pool = new byte[POOL_SIZE];

    Values(RandomGenerator random) {
        this.random = random;
        java.util.random.RandomGenerator fixed = new java.util.SplittableRandom(0x9E37);
        Values filler = new Values(fixed, 0);
        for (int at = 0; at < POOL_SIZE; at += 16) {
            filler.block(pool, at);
        }
    }

    private Values(RandomGenerator random, int unused) {
        this.random = random;
    }

    int below(int n) {
        return random.nextInt(n);
    }

    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    long integer() {
        return switch (below(8)) {
            case 0, 1, 2 -> INTEGERS[below(INTEGERS.length)];
            case 3 -> 1L << below(64);
            case 4 -> below(256);
            case 5 -> random.nextInt();
            default -> random.nextLong();
        };
    }

    int single() {
        return switch (below(4)) {
            case 0, 1 -> SINGLES[below(SINGLES.length)];
            case 2 -> Float.floatToRawIntBits((random.nextInt() >> below(31)) / (float) (1 << below(20)));
            default -> random.nextInt();
        };
    }

    long doubleBits() {
        return switch (below(4)) {
            case 0, 1 -> DOUBLES[below(DOUBLES.length)];
            case 2 -> Double.doubleToRawLongBits((random.nextLong() >> below(63)) / (double) (1L << below(40)));
            default -> random.nextLong();
        };
    }

    /** An 80-bit number: mostly valid, sometimes an encoding that only old coprocessors made. */
    void extended(byte[] to, int at) {
        int sign = below(2) << 15;
        int exponent;
        long significand;
        switch (below(12)) {
            case 0 -> { exponent = 0; significand = 0; }
            case 1 -> { exponent = 0; significand = random.nextLong() >>> 1 + below(62); }
            case 2 -> { exponent = 0x7FFF; significand = Long.MIN_VALUE; }
            case 3 -> { exponent = 0x7FFF; significand = random.nextLong() | Long.MIN_VALUE; }
            case 4 -> { exponent = random.nextInt(0x8000); significand = random.nextLong(); }
            case 5 -> { exponent = 0x3FFF; significand = Long.MIN_VALUE; }
            case 6 -> { exponent = below(70); significand = random.nextLong() | Long.MIN_VALUE; }
            case 7 -> { exponent = 0x7FFE - below(70); significand = random.nextLong() | Long.MIN_VALUE; }
            case 8, 9 -> { exponent = 0x3FFF + below(70); significand = random.nextLong() << below(64) | Long.MIN_VALUE; }
            default -> { exponent = 0x3FBF + below(128); significand = random.nextLong() | Long.MIN_VALUE; }
        }
        put(to, at, significand, 8);
        put(to, at + 8, sign | exponent, 2);
    }

    private void block(byte[] to, int at) {
        switch (below(6)) {
            case 0 -> { put(to, at, integer(), 8); put(to, at + 8, integer(), 8); }
            case 1 -> { for (int i = 0; i < 16; i += 4) put(to, at + i, single(), 4); }
            case 2 -> { put(to, at, doubleBits(), 8); put(to, at + 8, doubleBits(), 8); }
            case 3 -> { extended(to, at); put(to, at + 10, random.nextLong(), 6); }
            case 4 -> { for (int i = 0; i < 16; i += 2) put(to, at + i, integer(), 2); }
            default -> { put(to, at, random.nextLong(), 8); put(to, at + 8, random.nextLong(), 8); }
        }
    }

    /** Fills whole blocks of 16 bytes from the pool. */
    void fill(byte[] to, int at, int bytes) {
        System.arraycopy(pool, below((POOL_SIZE - bytes) / 16) * 16, to, at, bytes);
    }

    static void put(byte[] to, int at, long v, int bytes) {
        for (int i = 0; i < bytes; i++) {
            to[at + i] = (byte) (v >> 8 * i);
        }
    }
}
