package xen.kernel.mm;

import xen.kernel.api.control.PageTableLevel;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;

/** A domain's frames. */
public final class DomainMemory {
    private final DomainImpl domain;

    public DomainMemory(DomainImpl domain) { this.domain = domain; }

    public long pages() { return 0; }

    public long maxPages() { return 0; }

    public void setMax(long pages) {}

    /** Builder: gives zeroed frames; result[i] is the mfn of pfn firstPfn + i. HypervisorException ENOMEM/EINVAL. */
    public long[] populate(long firstPfn, int count) { return new long[count]; }

    /** Builder: M2P entry of an owned frame. */
    public void setM2p(long mfn, long pfn) {}

    /** Builder: validates and pins. */
    public void pinTable(PageTableLevel level, long mfn) {}

    /** mfn of shared_info. */
    public long sharedInfoMfn() { return 0; }

    /** True when that pCPU's TLB may hold translations of this domain. */
    public boolean dirtyOn(int pcpu) { return false; }

    /** The dispatcher is about to run one of the domain's vCPUs on that pCPU. */
    public void markDirty(int pcpu) {}

    /** Takes a reference to an L4 table for the vCPU's kernel (or user) root and drops the old one's; false = refused, nothing changed. */
    public boolean setRoot(VcpuImpl v, long mfn, boolean user) { return false; }

    /** Takes a lasting writable reference on a frame of the domain (vcpu_info and the like); false = refused. */
    public boolean getWritable(long mfn) { return false; }

    /** Gives up what {@link #getWritable} took. */
    public void putWritable(long mfn) {}

    /** Domain is dying: drops roots, descriptor tables, pins, all frames. All its vCPUs are stopped. */
    public void releaseAll() {}
}
