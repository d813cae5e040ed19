package xen.kernel.api.block;

/**
 * A request of a guest: an entry of the core's journal. What the guest asked for was copied once and does not change any more. Legal
 * states: taken (the driver looks at it), submitted (the disk's), done (the driver's again), completed (the driver must forget it).
 */
public interface BlockRequest {
    Vbd vbd();

    BlockOp op();

    /** First sector of 512 bytes; as the guest wrote it: may be out of range. */
    long sector();

    /** Sectors that the segments hold, or that are to be discarded. */
    long sectors();

    int segments();

    int ref(int segment);

    /** First and last sector of the segment in its page; as the guest wrote them. */
    int first(int segment);

    int last(int segment);

    /** True when the guest's words do not make sense (unknown operation, too many segments). */
    boolean malformed();

    /** What is read or written there goes from or to that page. */
    void bind(int segment, BlockGrant grant);

    /** What this instance bound, or null: what a predecessor bound is the core's. */
    BlockGrant bound(int segment);

    /** After completion by the disk: true when it failed. */
    boolean failed();
}
