package xen.kernel.mm;

import java.util.Arrays;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hypercall.Errno;

/**
 * Who owns each machine frame and what it is used as: the base of all isolation. Xen's rules:
 * <ul>
 * <li>A frame has a general reference count (one for being allocated, one a mapping, pin, root...) and at zero goes back to the
 * allocator; nobody but its owner, or who was granted it, gets a reference.
 * <li>A frame has one type at a time (page table of a level, descriptor table, writable) and a count of uses as that type, each of
 * which also holds a general reference. Only at type count zero may the type change, and then every pCPU that may still have
 * translations from before is flushed first.
 * <li>A page-table or descriptor frame is validated when its type count leaves zero and given up when it returns there, so that its
 * contents can be trusted all the time between.
 * </ul>
 * Validation is never interrupted, so Xen's partial states do not exist here: it succeeds or leaves everything as it was.
 * All calls under the core's lock. Packed arrays, 18 bytes a frame.
 */
public final class FrameTable {
    public static final int NONE = 0, L1 = 1, L2 = 2, L3 = 3, L4 = 4, SEGDESC = 5, SHARED = 6, WRITABLE = 7;
    /** Owner codes: a domain's is its id + 1. */
    static final int FREE = 0, HYPERVISOR = 0xffff;

    /** KERNEL_HALF: a table that was linked, directly or not, in the guest kernel's half of some root since it is a table. */
    private static final int TYPE_SHIFT = 29, PINNED = 1 << 28, VALIDATED = 1 << 27, KERNEL_HALF = 1 << 26, TYPE_COUNT = KERNEL_HALF - 1;
    /** SPECIAL: the hypervisor's frame lent to a domain (shared_info, grant table); the guest cannot give it away. */
    private static final int ALLOCATED = 1 << 31, SPECIAL = 1 << 30, REFS = SPECIAL - 1;

    public final MachineMemory memory;
    public final MachineToPhys m2p;
    final PageTables tables = new PageTables(this);
    final TlbClock tlb = new TlbClock();
    private final FrameAllocator allocator;
    private final char[] owner;
    private final int[] refs;
    private final int[] types;
    private final int[] stamps;
    /** Frames that held somebody's data: to be zeroed before they are given out again. */
    private final long[] used;
    private DomainMemory[] domains = new DomainMemory[16];
    private long spaceNames;

    public FrameTable(MachineMemory memory) {
        this.memory = memory;
        owner = new char[memory.frames];
        refs = new int[memory.frames];
        types = new int[memory.frames];
        stamps = new int[memory.frames];
        used = new long[(memory.frames + 63) / 64];
        Arrays.fill(stamps, TlbClock.NEVER);
        // frame 0 stays unused: 0 means "no table" in roots
        m2p = new MachineToPhys(memory, 1);
        Arrays.fill(owner, 0, m2p.end(), (char) HYPERVISOR);
        allocator = new FrameAllocator(m2p.end(), memory.frames);
    }

    /** Frames nobody owns. */
    public long free() { return allocator.count(); }

    /** The hypervisor's own frames: the machine-to-physical table and what maps it. */
    public long reserved() { return m2p.end(); }

    void join(DomainMemory d) {
        int code = d.owner;
        if (code >= domains.length) {
            domains = Arrays.copyOf(domains, Math.max(code + 1, domains.length * 2));
        }
        domains[code] = d;
    }

    void leave(DomainMemory d) { domains[d.owner] = null; }

    // Reading

    boolean owned(long mfn, int code) { return memory.valid(mfn) && owner[(int) mfn] == code; }

    int owner(int mfn) { return owner[mfn]; }
    int type(int mfn) { return types[mfn] >>> TYPE_SHIFT; }
    int typeCount(int mfn) { return types[mfn] & TYPE_COUNT; }
    int refs(int mfn) { return refs[mfn] & REFS; }
    boolean pinned(int mfn) { return (types[mfn] & PINNED) != 0; }
    boolean validated(int mfn) { return (types[mfn] & VALIDATED) != 0; }
    boolean allocated(int mfn) { return refs[mfn] < 0; }
    boolean special(int mfn) { return (refs[mfn] & SPECIAL) != 0; }

    /** True for a table in force through which the guest kernel's half may lead. */
    boolean inKernelHalf(int mfn) { return (types[mfn] & KERNEL_HALF) != 0; }

    void setKernelHalf(int mfn) { types[mfn] |= KERNEL_HALF; }

    /** A name for {@link AddressSpaces} that no domain has had. */
    long newSpaceName() { return ++spaceNames; }

    /** True while the frame is a page table of that level in force. */
    boolean isTable(int mfn, int level) { return typeCount(mfn) != 0 && type(mfn) == level; }

    // Allocation

    /** 2^order zeroed frames for the domain, each with the allocation's reference; the first mfn or -1. Its limits are the caller's job. */
    int allocate(DomainMemory d, int order, boolean special) {
        int first = allocator.take(order);
        if (first >= 0) {
            give(d, first, order, special);
        }
        return first;
    }

    /** That frame, which {@link #isFree}. */
    void allocateAt(DomainMemory d, int mfn, boolean special) {
        allocator.takeAt(mfn);
        give(d, mfn, 0, special);
    }

    boolean isFree(int mfn) { return allocator.isFree(mfn); }

    private void give(DomainMemory d, int first, int order, boolean special) {
        int newest = TlbClock.NEVER;
        for (int mfn = first; mfn < first + (1 << order); mfn++) {
            newest = Math.max(newest, stamps[mfn]);
            if ((used[mfn >> 6] & 1L << mfn) != 0) {
                xen.kernel.api.hw.Raw.zero(memory.address(mfn), 4096);
                d.contentChanged(mfn);
            }
            used[mfn >> 6] |= 1L << mfn;
            owner[mfn] = (char) d.owner;
            refs[mfn] = ALLOCATED | (special ? SPECIAL : 0) | 1;
            types[mfn] = 0;
            d.held++;
            if (!special) {
                d.pages++;
            }
        }
        d.tlb.flushEverywhere(newest);
    }

    /** Ends the allocation: the frame is free as soon as nobody uses it. False when that happened before. */
    boolean deallocate(int mfn) {
        if (refs[mfn] >= 0) {
            return false;
        }
        refs[mfn] &= ~ALLOCATED;
        put(mfn);
        return true;
    }

    private void release(int mfn) {
        assert typeCount(mfn) == 0 : "frame " + mfn + " is freed while its type count is " + typeCount(mfn);
        DomainMemory d = domains[owner[mfn]];
        if (!special(mfn)) {
            d.pages--;
        }
        owner[mfn] = FREE;
        refs[mfn] = 0;
        types[mfn] = 0;
        stamps[mfn] = tlb.now();
        m2p.set(mfn, MachineToPhys.INVALID);
        allocator.give(mfn);
        d.frameFreed();
    }

    // General references

    /** Takes a reference to a frame of that owner; false when it is not its frame (or the count is full). */
    boolean get(long mfn, int code) {
        if (!owned(mfn, code) || (refs[(int) mfn] & REFS) == REFS) {
            return false;
        }
        refs[(int) mfn]++;
        return true;
    }

    void put(int mfn) {
        assert refs(mfn) > 0 : "frame " + mfn + " has no reference to give up";
        if ((--refs[mfn] & REFS) == 0) {
            release(mfn);
        }
    }

    // Type references; the caller holds a general reference for each

    /** One more use of the frame as {@code type}: 0, or -errno and nothing has changed. */
    int getType(int mfn, int type) {
        int t = types[mfn];
        int count = t & TYPE_COUNT;
        if (count != 0) {
            // not validated: the frame is just being validated, and refers to itself
            if (t >>> TYPE_SHIFT != type || (t & VALIDATED) == 0) {
                return -Errno.EBUSY;
            }
            if (count == TYPE_COUNT) {
                return -Errno.E2BIG;
            }
            types[mfn] = t + 1;
            return 0;
        }
        return getTypeSlow(mfn, type, t);
    }

    private int getTypeSlow(int mfn, int type, int old) {
        DomainMemory d = domains[owner[mfn]];
        int t = old;
        if (old >>> TYPE_SHIFT != type) {
            d.tlb.flushStale(mfn, stamps[mfn]);
            t = type << TYPE_SHIFT;
        }
        if (type == WRITABLE || type == SHARED) {
            t |= VALIDATED;
        }
        types[mfn] = t + 1;
        if ((t & VALIDATED) == 0) {
            int rc = type == SEGDESC ? Descriptors.validatePage(memory.address(mfn)) : tables.validate(mfn, type, d);
            if (rc != 0) {
                types[mfn] = old;
                return rc;
            }
            types[mfn] |= VALIDATED;
        }
        return 0;
    }

    void putType(int mfn) {
        int t = types[mfn];
        assert (t & TYPE_COUNT) > 0 : "frame " + mfn + " has no type reference to give up";
        if ((t & TYPE_COUNT) > 1) {
            types[mfn] = t - 1;
            return;
        }
        int type = t >>> TYPE_SHIFT;
        if (type >= L1 && type <= L4) {
            tables.invalidate(mfn, type, domains[owner[mfn]]);
            // a table that is none now may be written by its owner: it must be validated again
            t &= ~(VALIDATED | KERNEL_HALF);
        }
        types[mfn] = t - 1;
        stamps[mfn] = tlb.now();
    }

    /** Both references: 0 or -errno. */
    int getWithType(long mfn, int code, int type) {
        if (!get(mfn, code)) {
            return -Errno.EPERM;
        }
        int rc = getType((int) mfn, type);
        if (rc != 0) {
            put((int) mfn);
        }
        return rc;
    }

    void putWithType(int mfn) {
        putType(mfn);
        put(mfn);
    }

    /** Pins a table: a reference with type that only {@link #unpin} gives up. */
    int pin(long mfn, int code, int level) {
        int rc = getWithType(mfn, code, level);
        if (rc != 0) {
            return rc;
        }
        if (pinned((int) mfn)) {
            putWithType((int) mfn);
            return -Errno.EINVAL;
        }
        types[(int) mfn] |= PINNED;
        return 0;
    }

    int unpin(long mfn, int code) {
        if (!owned(mfn, code)) {
            return -Errno.EPERM;
        }
        if (!pinned((int) mfn)) {
            return -Errno.EINVAL;
        }
        types[(int) mfn] &= ~PINNED;
        putWithType((int) mfn);
        return 0;
    }

    /** For tests of full counters only. */
    void presetCounts(int mfn, int generalRefs, int typeCount) {
        refs[mfn] = refs[mfn] & ~REFS | generalRefs;
        types[mfn] = types[mfn] & ~TYPE_COUNT | typeCount;
    }

    static int maxRefs() { return REFS; }

    static int maxTypeCount() { return TYPE_COUNT; }
}
