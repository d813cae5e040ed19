package xen.kernel.api.block;

/** The disk as its scheduler sees it. */
public interface DiskHost {
    long now();

    /** Requests that the disk works on. */
    int outstanding();

    /** Nanoseconds that the request would take if it were the next. */
    long estimate(DiskRequest r);

    /** Asks for a call of {@link DiskScheduler#next} at that machine time, though nothing came or went. */
    void wakeAt(long nanos);
}
