package xen.bench.lab;

import java.util.Arrays;

/** A growing list of durations with percentiles. */
final class Samples {
    private long[] values = new long[16];
    private int size;

    void add(long v) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size * 2);
        }
        values[size++] = v;
    }

    void addAll(Samples other) {
        for (int i = 0; i < other.size; i++) {
            add(other.values[i]);
        }
    }

    void clear() { size = 0; }

    int size() { return size; }

    /** The value that {@code percent} of the samples do not exceed; 0 without samples. */
    long percentile(double percent) {
        if (size == 0) {
            return 0;
        }
        long[] sorted = Arrays.copyOf(values, size);
        Arrays.sort(sorted);
        return sorted[(int) Math.min(size - 1L, Math.max(0, (long) Math.ceil(percent / 100 * size) - 1))];
    }
}
