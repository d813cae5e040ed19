package xen.kernel.grant;

import xen.kernel.api.control.GrantMapping;
import xen.kernel.core.DomainImpl;

/** A domain's grant table and the mappings it holds of others' frames. */
public final class GrantTable {
    private final DomainImpl domain;

    public GrantTable(DomainImpl domain) { this.domain = domain; }

    /** Domain 0 maps what this domain granted to it; HypervisorException when the entry does not allow it. */
    public GrantMapping mapGrant(int ref, boolean readOnly) { throw new IllegalStateException(); }

    /** Tool stack: entry {@code ref} lets domain 0 use the frame. */
    public void seedGrant(int ref, long mfn) {}

    /** Domain is dying: revokes domain 0's mappings, drops the domain's own mappings of others' frames. Before DomainMemory.releaseAll. */
    public void releaseAll() {}
}
