package xen.kernel.api.block;

/** What can be made to go wrong in a running driver, to see that guests do not notice ({@code xen:driver-fault}). */
public enum DriverFault {
    /** The driver throws in the middle of a request. */
    EXCEPTION,
    /** An endless loop: the driver never comes back. */
    HANG,
    /** Waits for what never comes. */
    DEADLOCK,
    /** Never answers a request that the disk has done. */
    LOST,
    /** Answers a request twice. */
    DUPLICATE,
    /** Answers a request that the disk has not done. */
    WRONG_ID,
    /** Binds pages that are not the request's, and answers with a status that there is not. */
    GARBAGE;

    /** Its name in commands: {@code wrong-id}. */
    public String word() { return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'); }
}
