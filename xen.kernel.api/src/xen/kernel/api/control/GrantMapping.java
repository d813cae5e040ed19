package xen.kernel.api.control;

/** A guest page that domain 0 or a driver domain has mapped through a grant. */
public interface GrantMapping extends AutoCloseable {
    /** Host address of the page; valid until {@link #close} or until the core revokes it. */
    long address();

    boolean readOnly();

    @Override void close();
}
