package xen.kernel.sched;

import java.util.Arrays;

/** Host nanoseconds of the last 1,024 swaps' pauses; thread-safe. */
final class PauseStats {
    private final long[] last = new long[1024];
    private long count;

    synchronized void add(long nanos) { last[(int) (count++ % last.length)] = nanos; }

    public synchronized Snapshot snapshot() {
        int n = (int) Math.min(count, last.length);
        if (n == 0) {
            return new Snapshot(0, 0, 0, 0);
        }
        long[] s = Arrays.copyOf(last, n);
        Arrays.sort(s);
        return new Snapshot(count, s[(n - 1) / 2], s[(n - 1) * 99 / 100], s[n - 1]);
    }

    /** Number of swaps since power-on; median, 99th percentile and maximum of the last ones. */
    public record Snapshot(long count, long p50Nanos, long p99Nanos, long maxNanos) {}
}
