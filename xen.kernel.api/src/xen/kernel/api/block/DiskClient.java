package xen.kernel.api.block;

/** One virtual disk as schedulers see it: parameters that the core keeps over every swap. Reads are single field reads. */
public interface DiskClient {
    /** Unique on its disk, small. */
    int id();

    String name();

    /** Share relative to others; 256 is normal. */
    int weight();

    ServiceClass serviceClass();

    /** Real time: nanoseconds from arrival to the deadline of a request. */
    long deadlineNanos();

    /** Requests a second that are promised; 0 = none. */
    default int reservation() { return 0; }

    /** Most requests a second; 0 = no limit. The core keeps it: what is beyond does not come to a scheduler yet. */
    default int limit() { return 0; }
}
