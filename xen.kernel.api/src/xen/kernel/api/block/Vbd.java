package xen.kernel.api.block;

/** A virtual block device of a guest, as its driver sees it. The same object over restarts of the driver. */
public interface Vbd {
    /** Domain of the front end. */
    int domid();

    /** Number of the device in the guest: 51712 = xvda. */
    int device();

    long sectors();

    int sectorSize();

    boolean readOnly();

    /** The front end lets its grants be used again: they may stay mapped. */
    boolean persistent();
}
