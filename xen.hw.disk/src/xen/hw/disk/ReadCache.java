package xen.hw.disk;

/** What a disk has read lately, in a few ranges; the one that was not used for longest goes first. */
final class ReadCache {
    /** As many as disks of the 2000s have; each at most what one run of reading on gathers. */
    static final int SEGMENTS = 16;
    /** Sectors: 1 MiB, so that the whole is a buffer of 16 MiB. */
    static final int LONGEST = 2048;

    private final long[] from = new long[SEGMENTS], to = new long[SEGMENTS], used = new long[SEGMENTS];
    private long uses;

    boolean holds(long sector, int count) {
        for (int i = 0; i < SEGMENTS; i++) {
            if (sector >= from[i] && sector + count <= to[i]) {
                return true;
            }
        }
        return false;
    }

    /** The end of the run stays. */
    void keep(long first, long end) {
        if (end <= first) {
            return;
        }
        int oldest = 0;
        for (int i = 1; i < SEGMENTS; i++) {
            oldest = used[i] < used[oldest] ? i : oldest;
        }
        from[oldest] = Math.max(first, end - LONGEST);
        to[oldest] = end;
        used[oldest] = ++uses;
    }

    /** Written anew: what was read is old. */
    void drop(long first, long end) {
        for (int i = 0; i < SEGMENTS; i++) {
            if (first < to[i] && from[i] < end) {
                from[i] = to[i] = 0;
                used[i] = 0;
            }
        }
    }
}
