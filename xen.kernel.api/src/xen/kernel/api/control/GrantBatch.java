package xen.kernel.api.control;

/**
 * Pages of one domain that a driver domain maps and gives back together, for one request at a time. Made once and used again and again:
 * nothing is allocated in between. Calls come one at a time, except for {@link #address}, from whoever moves the bytes.
 */
public interface GrantBatch extends AutoCloseable {
    /**
     * Maps the first {@code count} pages.
     *
     * @param refs references, each in the low half of its word
     * @return false when one of them is not granted so; then none is mapped
     */
    boolean map(long[] refs, int count, boolean readOnly);

    /** Host address of a page, valid until {@link #unmap}; IllegalStateException when the core has revoked it. */
    long address(int page);

    /** Gives all of them back; no effect when none is mapped. */
    void unmap();

    /** Gives back what is mapped; nothing can be mapped from here on. */
    @Override void close();
}
