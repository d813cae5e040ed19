package xen.kernel.api.block;

/** What an application wants of a disk. */
public enum ServiceClass {
    /** Best effort, short answers. */
    INTERACTIVE,
    /** Best effort, many bytes. */
    THROUGHPUT,
    /** Soft real time: each request has a deadline. */
    REALTIME
}
