package xen.kernel.api.time;

/** How machine time advances. */
public enum TimeMode {
    /** By retired instructions; idle time is skipped; deterministic. */
    VIRTUAL,
    /** With the wall clock. */
    REAL
}
