package xen.kernel.driver;

import xen.kernel.api.block.BlockGrant;
import xen.kernel.api.control.GrantMapping;

/** A mapped page of a front end, held for one instance of the driver and for the transfers that use it. Under the lock. */
final class GrantHandle implements BlockGrant {
    final VbdImpl vbd;
    final int ref;
    final DomainHandle owner;
    private final boolean writable;
    private final GrantMapping mapping;
    /** Entries that are bound to it. */
    private int users;
    private boolean closed, unmapped;

    GrantHandle(VbdImpl vbd, int ref, boolean writable, GrantMapping mapping, DomainHandle owner) {
        this.vbd = vbd;
        this.ref = ref;
        this.writable = writable;
        this.mapping = mapping;
        this.owner = owner;
    }

    /** Address of the page; IllegalStateException when it was revoked. */
    long address() { return mapping.address(); }

    @Override public int ref() { return ref; }
    @Override public boolean writable() { return writable; }
    @Override public boolean valid() { return !closed && !unmapped; }
    @Override public void close() { owner.close(this); }

    void used() { users++; }

    /** Its instance needs it no more, or is over. */
    void closed() {
        closed = true;
        release();
    }

    void unused() {
        users--;
        release();
    }

    private void release() {
        if (closed && users == 0 && !unmapped) {
            unmap();
        }
    }

    /** At once, whoever uses it. */
    void unmap() {
        if (!unmapped) {
            unmapped = true;
            owner.grants--;
            vbd.grants.remove(this);
            mapping.close();
        }
    }

    @Override public String toString() { return "grant " + ref + " of d" + vbd.domid() + (valid() ? "" : ", closed"); }
}
