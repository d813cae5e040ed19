package xen.kernel.api.block;

/**
 * One transfer on its way to a disk, owned by the core and used again when it is done: a scheduler forgets it when it has given it out.
 * The fields under "scratch" belong to the scheduler in charge; they are undefined when a request comes.
 */
public class DiskRequest {
    public DiskClient client;
    public BlockOp op;
    /** Place on the disk (not in the image), in units of 512 bytes. */
    public long lba;
    public int sectors;
    /** Machine time when it came. */
    public long arrived;
    /** Machine time when it should be done; {@link Long#MAX_VALUE} = any time. */
    public long deadline = Long.MAX_VALUE;

    // scratch
    public DiskRequest next, previous;
    public long key, finish, estimate;
    public Object place;
}
