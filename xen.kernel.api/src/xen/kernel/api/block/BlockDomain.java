package xen.kernel.api.block;

/**
 * All that a block driver domain has: its virtual disks' requests, the grants of their front ends, and its disks. It ends with the
 * instance it was made for; later calls, by whatever thread of it, throw IllegalStateException and change nothing. Calls come from the
 * instance's own thread, inside a call of {@link BlockBackend}. Wrong use is the driver's fault: it is restarted. What is asked of a
 * request whose front end has just gone has no effect ({@link #map} gives null).
 */
public interface BlockDomain {
    int OK = 0, ERROR = -1, UNSUPPORTED = -2;

    /** Domain that the driver is. */
    int domid();

    /** Machine time. */
    long now();

    /**
     * Maps a page that the front end of {@code r} granted under the reference of its segment.
     *
     * @return null when the front end did not grant that
     */
    BlockGrant map(BlockRequest r, int segment);

    /** Gives the request, with all its segments bound, to the disk. The answer is a later call of {@link BlockBackend#completed}. */
    void submit(BlockRequest r);

    /** Answers the guest, once. OK is for what the disk has done; an error for what is wrong in itself or failed there. */
    void complete(BlockRequest r, int status);
}
