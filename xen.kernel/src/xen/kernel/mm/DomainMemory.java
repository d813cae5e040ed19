package xen.kernel.mm;

import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.control.PageTableLevel;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.Core;
import xen.kernel.core.Counters;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;
import xen.kernel.save.StateReader;
import xen.kernel.save.StateWriter;

/**
 * A domain's frames: how many it has and may have, its vCPUs' roots, and which pCPUs may hold its translations. Calls under the core's
 * lock, except the plain reads {@link #pages} and {@link #maxPages}.
 */
public final class DomainMemory {
    final DomainImpl domain;
    final FrameTable frames;
    /** Owner code in the frame table. */
    final int owner;
    /** Kept by the frame table. */
    volatile long pages;
    /** All frames with this owner, the hypervisor's special ones included. */
    int held;
    final DomainTlb tlb;
    final AddressSpaces spaces;
    /** Other domains' frames in this domain's tables, and the reverse. */
    public final GrantedPages granted = new GrantedPages(this);
    final Counters.Counter validations, emulatedWrites, spuriousFaults;
    private volatile long maxPages;
    /** Per vCPU: address and retired count of the last fault taken for spurious. */
    private final long[] lastSpurious;
    private int sharedInfo;
    private boolean releasing, restored;
    /** Special frames of a restored domain that are somebody's. */
    private final java.util.Set<Integer> roles = new java.util.HashSet<>();
    /** Frames of the machine that the release has looked at, twice each. */
    private long released;

    public DomainMemory(DomainImpl domain) {
        this.domain = domain;
        frames = domain.core.frames;
        owner = domain.id() + 1;
        maxPages = domain.config.maxPages();
        spaces = new AddressSpaces(frames, domain.config.vcpus());
        tlb = new DomainTlb(domain, frames.tlb, spaces);
        validations = domain.counters.of("tables.validated");
        emulatedWrites = domain.counters.of("tables.emulated-writes");
        spuriousFaults = domain.counters.of("faults.spurious");
        lastSpurious = new long[2 * domain.config.vcpus()];
        frames.join(this);
    }

    private Core core() { return domain.core; }

    public long pages() { return pages; }

    public long maxPages() { return maxPages; }

    /** May be below {@link #pages}: then the domain gets nothing more until it has given enough back. */
    public void setMax(long value) { maxPages = value; }

    /** True when {@code count} frames more are within its limit. */
    boolean mayTake(long count) { return count >= 0 && pages + count <= maxPages; }

    // Builder

    /** Builder: refuses what {@link #populate} would refuse. */
    public void checkPopulate(long firstPfn, int count) {
        if (count < 0 || firstPfn < 0) {
            throw new HypervisorException(Errno.EINVAL, domain + ": populate of " + count + " frames at pfn " + firstPfn);
        }
        if (!mayTake(count)) {
            throw new HypervisorException(Errno.ENOMEM, domain + ": " + count + " frames more than its " + pages
                    + " would pass its limit of " + maxPages);
        }
        if (frames.free() < count) {
            throw new HypervisorException(Errno.ENOMEM, "the machine has " + frames.free() + " free frames, " + domain + " needs " + count);
        }
    }

    /** Builder: gives zeroed frames; result[i] is the mfn of pfn firstPfn + i. All or nothing. */
    public long[] populate(long firstPfn, int count) {
        checkPopulate(firstPfn, count);
        long[] mfns = new long[count];
        for (int i = 0; i < count; i++) {
            int mfn = frames.allocate(this, 0, false);
            frames.m2p.set(mfn, firstPfn + i);
            mfns[i] = mfn;
        }
        return mfns;
    }

    /** Builder: machine-to-physical entry of an owned frame. */
    public void setM2p(long mfn, long pfn) {
        if (!frames.owned(mfn, owner)) {
            throw new HypervisorException(Errno.EINVAL, "frame " + mfn + " does not belong to " + domain);
        }
        frames.m2p.set(mfn, pfn);
    }

    /** Builder: validates a table and everything under it, and pins it. */
    public void pinTable(PageTableLevel level, long mfn) {
        int rc = frames.pin(mfn, owner, level.ordinal() + 1);
        if (rc != 0) {
            throw new HypervisorException(-rc, "frame " + mfn + " cannot become an " + level + " page table of " + domain);
        }
    }

    /** mfn of shared_info; made on first use. The guest can map it writable but not free it. */
    public long sharedInfoMfn() {
        if (sharedInfo == 0) {
            sharedInfo = takeSpecial();
            if (sharedInfo == 0) {
                throw new HypervisorException(Errno.ENOMEM, "no free frame for shared_info of " + domain);
            }
        }
        return sharedInfo;
    }

    /** A frame of the hypervisor's for this domain (shared_info, grant table): zeroed, writable, not counted, not freeable; 0 = no memory. */
    public int takeSpecial() {
        int mfn = frames.allocate(this, 0, true);
        if (mfn < 0) {
            return 0;
        }
        frames.getWithType(mfn, owner, FrameTable.WRITABLE);
        return mfn;
    }

    /** Gives {@link #takeSpecial}'s frame back; it lives on while somebody still maps it. */
    public void giveSpecial(int mfn) {
        frames.putWithType(mfn);
        frames.deallocate(mfn);
    }

    // References that the rest of the core holds

    /** Takes a lasting writable reference on a frame of the domain (vcpu_info and the like); false = refused. */
    public boolean getWritable(long mfn) { return frames.getWithType(mfn, owner, FrameTable.WRITABLE) == 0; }

    /** Gives up what {@link #getWritable} took. */
    public void putWritable(long mfn) { frames.putWithType((int) mfn); }

    /** True when the frame belongs to this domain. */
    public boolean owns(long mfn) { return frames.owned(mfn, owner); }

    /** Page-table root of a vCPU: takes the new L4 table, loads it, gives up the old one. False = refused, nothing changed. */
    public boolean setRoot(VcpuImpl v, long mfn, boolean user) { return loadRoot(v, mfn, user) == 0; }

    /** {@link #setRoot} with the errno; 0 for {@code mfn} means no user table. */
    int loadRoot(VcpuImpl v, long mfn, boolean user) {
        if (mfn != 0 || !user) {
            int rc = frames.getWithType(mfn, owner, FrameTable.L4);
            if (rc != 0) {
                return rc;
            }
        }
        int field = user ? VcpuContext.USER_ROOT : VcpuContext.KERNEL_ROOT;
        long old = v.context.get64(field);
        long kernel = v.context.get64(VcpuContext.KERNEL_ROOT);
        v.context.put64(field, mfn);
        tlb.spaceChanged(v, kernel);
        if (old != 0) {
            frames.putWithType((int) old);
        }
        return 0;
    }

    private void dropRoots(VcpuImpl v) {
        loadRoot(v, 0, true);
        long old = v.context.get64(VcpuContext.KERNEL_ROOT);
        if (old != 0) {
            v.context.put64(VcpuContext.KERNEL_ROOT, 0);
            tlb.spaceChanged(v, old);
            frames.putWithType((int) old);
        }
    }

    void forgetLdts() {
        for (VcpuImpl v : domain.vcpus()) {
            v.descriptors.forgetLdt();
        }
    }

    // TLBs

    /** True when that pCPU's TLB may hold translations of this domain. */
    public boolean dirtyOn(int pcpu) { return tlb.dirtyOn(pcpu); }

    /** The dispatcher is about to run one of the domain's vCPUs on that pCPU. */
    public void markDirty(int pcpu) { tlb.markDirty(pcpu); }

    /** Decoded code of the frame is void. */
    public void contentChanged(int mfn) {
        if (core().board() != null) {
            core().cpu(0).contentChanged(mfn);
        }
    }

    /** Drops the translations of one vCPU that the tables do not bear out any more. */
    public void flushVcpu(VcpuImpl v) { tlb.flushVcpu(v); }

    /** Drops this domain's translations on every pCPU that may hold some. */
    public void flushDomain() { tlb.flushDomain(); }

    /** True when this fault comes again without an instruction retired since; remembers it otherwise. */
    boolean lastSpurious(VcpuImpl v, long cr2) {
        int i = 2 * v.id();
        long retired = v.context.retired() + 1;
        boolean again = lastSpurious[i] == cr2 && lastSpurious[i + 1] == retired;
        lastSpurious[i] = cr2;
        lastSpurious[i + 1] = again ? 0 : retired;
        return again;
    }

    // End

    /** The domain is dying: roots and descriptor tables go. Its vCPUs are stopped, its grants released. {@link #releaseSome} goes on. */
    public void beginRelease() {
        releasing = true;
        for (VcpuImpl v : domain.vcpus()) {
            dropRoots(v);
            v.descriptors.release();
        }
    }

    /**
     * Goes on with the release: first pins, then frames, as far as {@code count} machine frames take it, so that nobody waits long for
     * the core's lock. Frames that others still map (grants) stay its own until they let go; its id must not be used again before
     * {@link #gone}.
     *
     * @return false when it is done
     */
    public boolean releaseSome(int count) {
        int end = frames.memory.frames;
        for (int i = 0; i < count && released < 2L * end; i++, released++) {
            int mfn = (int) (released % end);
            if (frames.owner(mfn) != owner) {
                continue;
            }
            if (released < end) {
                if (frames.pinned(mfn)) {
                    frames.unpin(mfn, owner);
                }
            } else if (!frames.special(mfn)) {
                frames.deallocate(mfn);
            }
        }
        if (released < 2L * end) {
            return true;
        }
        endRelease();
        return false;
    }

    /** The whole release at once. */
    public void releaseAll() {
        beginRelease();
        releaseSome(Integer.MAX_VALUE);
    }

    private void endRelease() {
        if (sharedInfo != 0) {
            giveSpecial(sharedInfo);
            sharedInfo = 0;
        }
        if (restored) {
            // a restore that was refused half way
            for (int mfn = 0; mfn < frames.memory.frames; mfn++) {
                if (frames.owner(mfn) == owner && frames.special(mfn) && frames.allocated(mfn)) {
                    giveSpecial(mfn);
                }
            }
        }
        if (held == 0) {
            frames.leave(this);
        }
    }

    /** True when the last frame of the dead domain is free. */
    public boolean gone() { return releasing && held == 0; }

    /** The frame table freed a frame of this domain. */
    void frameFreed() {
        held--;
        if (gone()) {
            frames.leave(this);
        }
    }

    // Saving

    public void capture(StateWriter w) {
        w.part("memory").i64(maxPages).i64(sharedInfo).i64s(lastSpurious);
    }

    /** Of a domain that has the frames of an image and nothing else. */
    public void restore(StateReader r) {
        r.part("memory");
        maxPages = r.i64("most pages", 0, 1L << 28);
        int mfn = (int) r.frame("shared_info", false);
        long[] spurious = r.i64s("faults", lastSpurious.length);
        if (spurious.length != lastSpurious.length || !claimSpecial(mfn)) {
            throw r.refused("shared_info is an ordinary frame");
        }
        System.arraycopy(spurious, 0, lastSpurious, 0, spurious.length);
        sharedInfo = mfn;
    }

    /** A frame that the image calls special gets its role; false when it is none, or has one. */
    public boolean claimSpecial(int mfn) {
        // the role's reference is there since the frame was given; a second role would release it twice
        return owns(mfn) && frames.special(mfn) && roles.add(mfn);
    }

    /** Every special frame of the image got a role; else nobody would ever give it back. */
    public boolean allClaimed() {
        for (int mfn = 0; mfn < frames.memory.frames; mfn++) {
            if (frames.owner(mfn) == owner && frames.special(mfn) && !roles.contains(mfn)) {
                return false;
            }
        }
        return true;
    }

    /** It gets its frames from an image. */
    void restored() { restored = true; }
}
