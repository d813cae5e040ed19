package xen.hw.disk;

/**
 * Whether writes to an image end without waiting: the host takes them into its page cache at once, until it has too many and makes writers
 * wait. There is no way to ask it (RWF_NOWAIT is for reads on most file systems), so the last write tells of the next. Any thread.
 */
final class WriteSpeed {
    /** A write that takes longer had to wait; so many in a row that do not, and the host has room again. */
    private static final long WAITED = 2_000_000;
    private static final int AGAIN = 16;

    /** Quick ones that are still missing. */
    private volatile int missing;

    boolean quick() { return missing == 0; }

    void took(long nanos) {
        int m = missing;
        if (nanos > WAITED) {
            missing = AGAIN;
        } else if (m > 0) {
            // two at once may count as one: a moment later then
            missing = m - 1;
        }
    }
}
