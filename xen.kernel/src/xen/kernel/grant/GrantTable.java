package xen.kernel.grant;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import xen.kernel.api.control.GrantBatch;
import xen.kernel.api.control.GrantMapping;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.DomainImpl;
import xen.kernel.save.StateReader;
import xen.kernel.save.StateWriter;

/**
 * A domain's grant table: the entries it shares with the hypervisor, how often each is in use, and who uses it. While an entry is in
 * use its frame is fixed, referenced (so it cannot be freed) and, for writers, of writable type (so it cannot become a page table).
 * What the domain itself maps of others is in {@link #maps}. Calls under the core's lock.
 */
public final class GrantTable {
    /** Limit of the table, as Xen's default: 64 frames of 512 entries. */
    static final int MAX_FRAMES = 64;
    /** The domain that the Java side is. */
    private static final int DOM0 = 0;

    final DomainImpl domain;
    /** The domain's own mappings of others' frames. */
    final MapTrack maps = new MapTrack();
    private int[] frames = new int[0];
    /** Uses of each entry, of all kinds, and those of them that may write. */
    private int[] uses = new int[0];
    private int[] writers = new int[0];
    /** Frame of an entry in use. */
    private int[] active = new int[0];
    /** Domain that uses it: one at a time, whatever the entry says meanwhile. */
    private int[] users = new int[0];
    private final Set<Dom0Mapping> dom0Mappings = new LinkedHashSet<>();
    private final Set<Dom0Batch> dom0Batches = new LinkedHashSet<>();
    private boolean released;

    public GrantTable(DomainImpl domain) { this.domain = domain; }

    int frameCount() { return frames.length; }

    int entries() { return frames.length * GrantEntry.PER_FRAME; }

    int frame(int i) { return frames[i]; }

    int uses(int ref) { return uses[ref]; }

    /** Frame of an entry in use. */
    int activeFrame(int ref) { return active[ref]; }

    /** Makes the table at least that large; false when it is past the limit or memory is out. */
    boolean grow(int count) {
        if (count > MAX_FRAMES || count < 0 || released) {
            return false;
        }
        while (frames.length < count) {
            int mfn = domain.memory.takeSpecial();
            if (mfn == 0) {
                return false;
            }
            frames = Arrays.copyOf(frames, frames.length + 1);
            frames[frames.length - 1] = mfn;
            uses = Arrays.copyOf(uses, entries());
            writers = Arrays.copyOf(writers, entries());
            active = Arrays.copyOf(active, entries());
            users = Arrays.copyOf(users, entries());
        }
        return true;
    }

    private long at(int ref) {
        return domain.core.memory.address(frames[ref / GrantEntry.PER_FRAME]) + ref % GrantEntry.PER_FRAME * (long) GrantEntry.SIZE;
    }

    /**
     * Takes one use of an entry for {@code user}: entry marked, frame referenced (and of writable type for a writer).
     *
     * @return a negative GNTST, or the mfn
     */
    int acquire(int ref, int user, boolean readOnly) {
        if (ref < 0 || ref >= entries()) {
            return GrantStatus.BAD_GNTREF;
        }
        if (released || uses[ref] != 0 && users[ref] != user) {
            return GrantStatus.GENERAL_ERROR;
        }
        long at = at(ref);
        int before = uses[ref] == 0 ? 0 : GrantEntry.READING | (writers[ref] == 0 ? 0 : GrantEntry.WRITING);
        int status = GrantEntry.use(at, user, readOnly);
        if (status != GrantStatus.OKAY) {
            return status;
        }
        long mfn = uses[ref] == 0 ? GrantEntry.frame(at) : active[ref];
        if (!domain.memory.granted.get(mfn, !readOnly)) {
            GrantEntry.clear(at, (GrantEntry.READING | GrantEntry.WRITING) & ~before);
            return GrantStatus.BAD_PAGE;
        }
        active[ref] = (int) mfn;
        users[ref] = user;
        uses[ref]++;
        if (!readOnly) {
            writers[ref]++;
        }
        return (int) mfn;
    }

    /** Gives up a use and its frame's references. */
    void release(int ref, boolean readOnly) {
        int mfn = active[ref];
        releaseEntry(ref, readOnly);
        domain.memory.granted.put(mfn, !readOnly);
    }

    /** Gives up a use whose frame references went elsewhere: a page-table entry holds them, or gave them up. */
    void releaseEntry(int ref, boolean readOnly) {
        int marks = 0;
        if (!readOnly && --writers[ref] == 0) {
            marks = GrantEntry.WRITING;
        }
        if (--uses[ref] == 0) {
            marks |= GrantEntry.READING;
        }
        if (marks != 0 && !released) {
            GrantEntry.clear(at(ref), marks);
        }
    }

    /** Exchanges two entries; neither may be in use. */
    int swap(int a, int b) {
        if (a < 0 || b < 0 || a >= entries() || b >= entries()) {
            return GrantStatus.BAD_GNTREF;
        }
        if (uses[a] != 0 || uses[b] != 0) {
            return GrantStatus.EAGAIN;
        }
        long first = Raw.get64(at(a));
        Raw.put64(at(a), Raw.get64(at(b)));
        Raw.put64(at(b), first);
        return GrantStatus.OKAY;
    }

    // Domain 0 and driver domains, the Java side

    /** {@code user}, 0 or a driver domain, maps what this domain granted to it; HypervisorException when the entry does not allow it. */
    public GrantMapping mapGrant(int user, int ref, boolean readOnly) {
        int mfn = acquire(ref, user, readOnly);
        if (mfn < 0) {
            throw new HypervisorException(mfn == GrantStatus.BAD_GNTREF ? Errno.ENOENT : Errno.EACCES, "grant " + ref + " of " + domain
                    + (mfn == GrantStatus.BAD_GNTREF ? " does not exist" : mfn == GrantStatus.BAD_PAGE ? " names a frame that is not its own or a table"
                    : " does not let domain " + user + " " + (readOnly ? "read" : "write")));
        }
        Dom0Mapping m = new Dom0Mapping(this, ref, readOnly, domain.core.memory.address(mfn));
        dom0Mappings.add(m);
        return m;
    }

    /** {@code user}, a driver domain, will map and give back pages together. */
    public GrantBatch batch(int user, int most) {
        Dom0Batch b = new Dom0Batch(this, user, most);
        dom0Batches.add(b);
        return b;
    }

    /** The batch is closed. */
    void forget(Dom0Batch b) { dom0Batches.remove(b); }

    /** Called once by an open mapping, under the core's lock. */
    void unmap(Dom0Mapping m) {
        if (dom0Mappings.remove(m)) {
            release(m.ref, m.readOnly());
        }
    }

    /** Revokes all that domain 0 and driver domains have mapped of this domain: the addresses are void at once. */
    public void revokeDom0() {
        for (Dom0Mapping m : dom0Mappings.toArray(new Dom0Mapping[0])) {
            m.revoke();
            unmap(m);
        }
        dom0Batches.forEach(Dom0Batch::giveBack);
    }

    /** Tool stack: entry {@code ref} lets domain 0 use the frame. */
    public void seedGrant(int ref, long mfn) {
        if (!domain.memory.owns(mfn)) {
            throw new HypervisorException(Errno.EINVAL, "frame " + mfn + " does not belong to " + domain);
        }
        if (ref < 0 || !grow(ref / GrantEntry.PER_FRAME + 1) || uses[ref] != 0) {
            throw new HypervisorException(Errno.EINVAL, "grant " + ref + " of " + domain + " cannot be set up: out of range or in use");
        }
        GrantEntry.write(at(ref), GrantEntry.PERMIT_ACCESS, DOM0, mfn);
    }

    /** Domain is dying: revokes domain 0's mappings, forgets the domain's own mappings of others' frames. Before the memory's release,
     *  which drops the page-table entries and with them the frames' references. */
    public void releaseAll() {
        revokeDom0();
        maps.releaseAll();
        released = true;
        for (int mfn : frames) {
            domain.memory.giveSpecial(mfn);
        }
    }

    // Saving

    /** Why the table cannot be captured, or null. */
    public String shared() {
        if (maps.inUse() > 0) {
            return "it has mapped " + maps.inUse() + " pages of other guests";
        }
        for (int ref = 0; ref < entries(); ref++) {
            if (uses[ref] != 0 && domain.core.domain(users[ref]) != null) {
                return "domain " + users[ref] + " has mapped its grant " + ref;
            }
        }
        return null;
    }

    /** Frames of the table; what domain 0 has mapped it maps again. */
    public void capture(StateWriter w) {
        w.part("grants").i32(frames.length);
        for (int mfn : frames) {
            w.i64(mfn);
        }
    }

    /** The frames are the domain's special ones already. Marks of uses that are over are taken back. */
    public void restore(StateReader r) {
        r.part("grants");
        int n = r.i32("frames", 0, MAX_FRAMES);
        for (int i = 0; i < n; i++) {
            int mfn = (int) r.frame("grant frame", false);
            if (!domain.memory.claimSpecial(mfn)) {
                throw r.refused("grant frame " + Integer.toHexString(mfn) + " is an ordinary frame or named twice");
            }
            frames = Arrays.copyOf(frames, i + 1);
            frames[i] = mfn;
        }
        uses = new int[entries()];
        writers = new int[entries()];
        active = new int[entries()];
        users = new int[entries()];
        for (int ref = 0; ref < entries(); ref++) {
            GrantEntry.clear(at(ref), GrantEntry.READING | GrantEntry.WRITING);
        }
    }
}
