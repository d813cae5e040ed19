package xen.kernel.driver;

import xen.kernel.api.block.BlockGrant;
import xen.kernel.api.control.GrantMapping;

/**
 * A mapped page of a front end, held for one instance of the driver and for the transfers that use it. Under the lock. One that was given
 * back is used again for the same instance's next page: an instance that names it later names its own page, or is found wild.
 */
final class GrantHandle implements BlockGrant {
    final DomainHandle owner;
    VbdImpl vbd;
    int ref;
    private boolean writable;
    private GrantMapping mapping;
    /** Its place among the device's, or in the list of free ones. */
    GrantHandle next, previous;
    /** Entries that are bound to it. */
    private int users;
    private boolean closed, unmapped = true;

    GrantHandle(DomainHandle owner) { this.owner = owner; }

    GrantHandle mapped(VbdImpl device, int reference, boolean forWriting, GrantMapping page) {
        vbd = device;
        ref = reference;
        writable = forWriting;
        mapping = page;
        closed = unmapped = false;
        vbd.grants.add(this);
        owner.grants++;
        return this;
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
            owner.free(this);
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
