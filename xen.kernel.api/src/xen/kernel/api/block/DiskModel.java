package xen.kernel.api.block;

/** When a disk would be done with a request. One object a disk; it remembers where the heads are. Called under the disk's lock. */
public interface DiskModel {
    /** Most requests that the disk works on at once. */
    int depth();

    /** Starts a request now and gives the machine time of its completion, later than {@code now}. */
    long start(long now, BlockOp op, long sector, int sectors);

    /** Nanoseconds that the request would take if it were the next; changes nothing. Schedulers plan with it. */
    long estimate(long now, BlockOp op, long sector, int sectors);
}
