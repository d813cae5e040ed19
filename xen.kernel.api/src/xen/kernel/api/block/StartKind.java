package xen.kernel.api.block;

/** How a driver comes to life. */
public enum StartKind {
    FRESH,
    /** Its predecessor failed. */
    RESTART,
    /** Its predecessor was replaced in peace. */
    HANDOVER
}
