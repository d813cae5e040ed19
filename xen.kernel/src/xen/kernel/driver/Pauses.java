package xen.kernel.driver;

import java.util.Arrays;
import java.util.Map;

/**
 * How long guests had no driver: from the failure, or from the fencing of the old instance, until the successor has dealt with everything
 * that was under way. Swaps and failures apart; the last {@link #KEPT} of each. Machine time, nanoseconds.
 */
final class Pauses {
    private static final int KEPT = 1 << 14;

    private static final class Series {
        final long[] last = new long[KEPT];
        long count, total, longest;

        void add(long nanos) {
            last[(int) (count++ % KEPT)] = nanos;
            total += nanos;
            longest = Math.max(longest, nanos);
        }

        void addTo(Map<String, String> m, String prefix) {
            long[] sorted = Arrays.copyOf(last, (int) Math.min(count, KEPT));
            Arrays.sort(sorted);
            m.put(prefix + ".count", Long.toString(count));
            m.put(prefix + ".p50.us", Long.toString(at(sorted, 50) / 1000));
            m.put(prefix + ".p99.us", Long.toString(at(sorted, 99) / 1000));
            m.put(prefix + ".longest.us", Long.toString(longest / 1000));
            m.put(prefix + ".total.us", Long.toString(total / 1000));
        }

        private static long at(long[] sorted, int percent) {
            return sorted.length == 0 ? 0 : sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
        }
    }

    private final Series swaps = new Series(), crashes = new Series();
    private long since = -1;
    private boolean crash;

    boolean open() { return since >= 0; }

    /** No effect while one is open: what began as a failure stays one. */
    void begin(long now, boolean failed) {
        if (since < 0) {
            since = now;
            crash = failed;
        }
    }

    void end(long now) {
        (crash ? crashes : swaps).add(now - since);
        since = -1;
    }

    void drop() { since = -1; }

    void addTo(Map<String, String> m) {
        swaps.addTo(m, "pause.swap");
        crashes.addTo(m, "pause.crash");
    }
}
