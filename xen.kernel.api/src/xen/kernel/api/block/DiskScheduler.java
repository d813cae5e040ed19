package xen.kernel.api.block;

/**
 * SPI of a disk scheduler: the order in which waiting requests go to one disk. Calls come one at a time under the disk's lock; they must
 * not block and should not allocate. An exception makes the core drop the instance and go on first in, first out; the core knows all
 * waiting requests and hands them to the successor. Parameters are read from {@link DiskRequest#client}.
 *
 * <p>Flushes never come here; the core keeps their order, and that of overlapping requests of one client.
 */
public interface DiskScheduler {
    /** Takes over the disk. {@link #add} follows for each waiting request. */
    void start(DiskHost host);

    void add(DiskRequest r);

    /**
     * The request that the disk should do next; called whenever the disk can take one more.
     *
     * @return null = none now; then another call comes after the next add, completion or {@link DiskHost#wakeAt}
     */
    DiskRequest next(long now);

    /** The disk has done it, in that many nanoseconds of disk time. */
    default void completed(DiskRequest r, long serviceNanos) {}

    /**
     * Asked before a client comes, or changes to {@code c}: may what it asks for be promised beside what the others have?
     *
     * @param others clients of the disk without this one
     * @return null = yes, else why not and what would be possible
     */
    default String refusal(DiskClient c, Iterable<? extends DiskClient> others) { return null; }

    /** Weight or class changed, or the client is gone (no request of it waits then). */
    default void changed(DiskClient c) {}

    /** Gives up; forget everything. */
    default void stop() {}
}
