package xen.kernel.core;

/** Durations in nanoseconds, counted in eight classes a power of two. Written by one thread at a time. */
final class Durations {
    private static final int SUB_BITS = 3, SUBS = 1 << SUB_BITS;

    private final long[] counts = new long[64 * SUBS];
    private long count;
    private long max;

    void add(long nanos) {
        long n = Math.max(0, nanos);
        counts[index(n)]++;
        count++;
        max = Math.max(max, n);
    }

    long count() { return count; }

    long max() { return max; }

    /** Upper end of the class in which that percentile lies; 0 when there is nothing. */
    long percentile(int p) {
        long left = (count * p + 99) / 100;
        for (int i = 0; i < counts.length && left > 0; i++) {
            left -= counts[i];
            if (left <= 0) {
                return Math.min(max, end(i));
            }
        }
        return 0;
    }

    private static int index(long n) {
        if (n < SUBS) {
            return (int) n;
        }
        int exponent = 63 - Long.numberOfLeadingZeros(n);
        return (exponent - SUB_BITS + 1) * SUBS + (int) (n >>> exponent - SUB_BITS & SUBS - 1);
    }

    /** Largest duration of a class. */
    private static long end(int index) {
        if (index < SUBS) {
            return index;
        }
        int shift = index / SUBS - 1;
        return ((long) (index % SUBS + SUBS + 1) << shift) - 1;
    }
}
