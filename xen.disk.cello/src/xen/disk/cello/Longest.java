package xen.disk.cello;

/** The longest that a request took at the disk lately: in the running period and the one before. */
final class Longest {
    static final long PERIOD = 10_000_000_000L;

    private long present, before, since = Long.MIN_VALUE / 2;

    void clear() {
        present = before = 0;
        since = Long.MIN_VALUE / 2;
    }

    void took(long now, long nanos) {
        if (now - since >= PERIOD) {
            before = now - since >= 2 * PERIOD ? 0 : present;
            present = 0;
            since = now;
        }
        present = Math.max(present, nanos);
    }

    long nanos() { return Math.max(present, before); }
}
