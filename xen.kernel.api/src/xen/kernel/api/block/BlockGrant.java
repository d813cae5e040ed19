package xen.kernel.api.block;

/** A page of a front end that its driver has mapped; the driver can name it, not touch it. Void once the core has revoked it. */
public interface BlockGrant {
    int ref();

    boolean writable();

    boolean valid();

    /** Gives it back, at the latest when no transfer uses it any more. */
    void close();
}
