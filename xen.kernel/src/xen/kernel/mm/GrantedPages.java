package xen.kernel.mm;

import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.VcpuImpl;

/**
 * Grants' side of page tables: other domains' frames in a domain's L1 entries. The entry takes over the references that the granting
 * side took; whoever destroys the entry (an unmap here, an ordinary update, the end of its table) gives them up.
 */
public final class GrantedPages {
    private final DomainMemory d;

    GrantedPages(DomainMemory d) { this.d = d; }

    /** References to a frame of this domain for somebody it granted it to; false when it is not its frame or cannot be written. */
    public boolean get(long mfn, boolean writable) {
        return writable ? d.frames.getWithType(mfn, d.owner, FrameTable.WRITABLE) == 0 : d.frames.get(mfn, d.owner);
    }

    public void put(int mfn, boolean writable) {
        if (writable) {
            d.frames.putWithType(mfn);
        } else {
            d.frames.put(mfn);
        }
    }

    /**
     * Host address of the L1 entry that {@code address} means in this domain, or -1: a guest virtual address, or (containsPte) the
     * machine address of an entry in one of its L1 tables in force.
     */
    public long entry(VcpuImpl v, long address, boolean containsPte) {
        if (!containsPte) {
            return d.frames.tables.findL1(v.context.get64(VcpuContext.KERNEL_ROOT), address);
        }
        long mfn = address >>> 12;
        boolean ok = (address & 7) == 0 && d.owns(mfn) && d.frames.isTable((int) mfn, 1);
        return ok ? d.frames.memory.base + address : -1;
    }

    /** Puts a granted frame, with references taken by {@link #get} of its owner, into an entry found by {@link #entry}. */
    public void install(long entry, int mfn, boolean writable, boolean user, int available) {
        long e = (long) mfn << 12 | Pte.PRESENT | Pte.ACCESSED | Pte.DIRTY | (writable ? Pte.RW : 0) | (user ? Pte.USER : 0)
                | (long) available << 9 & Pte.AVAILABLE;
        exchange(entry, e);
    }

    /** True when the entry maps that frame with those rights. */
    public boolean maps(long entry, int mfn, boolean writable) {
        long e = Raw.get64(entry);
        return Pte.present(e) && Pte.mfn(e) == mfn && ((e & Pte.RW) != 0) == writable;
    }

    /** Empties an entry and gives up what it held. */
    public void clear(long entry) { exchange(entry, 0); }

    /** Gives up what {@code to} held and moves {@code from}'s contents there; {@code from} is empty then. */
    public void move(long from, long to) {
        long e = d.frames.tables.takeOut(from, d);
        exchange(to, e);
    }

    private void exchange(long entry, long value) {
        int table = d.frames.memory.mfnOf(entry);
        d.frames.tables.installGranted(table, (int) (entry >>> 3) & 511, value, d);
    }
}
