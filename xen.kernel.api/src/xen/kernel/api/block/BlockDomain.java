package xen.kernel.api.block;

/**
 * All that a block driver domain has: its virtual disks' requests, the grants of their front ends, and its disks. It ends with the
 * instance it was made for; later calls, by whatever thread of it, throw IllegalStateException and change nothing. Calls come from the
 * instance's own thread, inside a call of {@link BlockBackend}. Wrong use is the driver's fault: it is restarted. What is asked of a
 * request whose front end has just gone has no effect (a map gives false or null).
 */
public interface BlockDomain {
    int OK = 0, ERROR = -1, UNSUPPORTED = -2;

    /** Domain that the driver is. */
    int domid();

    /** Machine time. */
    long now();

    /**
     * Maps all pages that {@code r} names, for {@code r} alone: nothing has to be bound, and the core gives them back with the answer.
     *
     * @return false when the front end did not grant one of them; then none is mapped
     */
    boolean map(BlockRequest r);

    /**
     * Maps a page that the front end of {@code r} granted under the reference of its segment, until it is closed: for front ends that use
     * their grants again.
     *
     * @return null when the front end did not grant that
     */
    BlockGrant map(BlockRequest r, int segment);

    /** Gives the request, with all its pages mapped or bound, to the disk. The answer is a later call of {@link BlockBackend#completed}. */
    void submit(BlockRequest r);

    /** Answers the guest, once. OK is for what the disk has done; an error for what is wrong in itself or failed there. */
    void complete(BlockRequest r, int status);
}
