package xen.kernel.api.block;

/** The disk as its scheduler sees it. */
public interface DiskHost {
    long now();

    /** Requests that the disk works on. */
    int outstanding();

    /** Nanoseconds that the request would take if it were the next. */
    long estimate(DiskRequest r);

    /**
     * Nanoseconds that the request would take if the disk got it that much later, and nothing else until then: much later, what it takes
     * at a disk at rest.
     */
    default long estimateIn(DiskRequest r, long nanos) { return estimate(r); }

    /** Size of the whole disk in units of 512 bytes. */
    default long sectors() { return 1L << 31; }

    /** Asks for a call of {@link DiskScheduler#next} at that machine time, though nothing came or went. */
    void wakeAt(long nanos);
}
