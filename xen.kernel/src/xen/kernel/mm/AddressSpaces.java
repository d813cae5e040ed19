package xen.kernel.mm;

import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.VcpuImpl;

/**
 * What TLBs may keep when one of a domain's vCPUs changes a root or asks for a flush. On the processor that drops everything; here it
 * is enough that afterwards every translation in use is what a walk of the tables as they are would give (or has fewer rights: then
 * the CPU walks again). Every change of a table in force goes through the core, so the core knows what became untrue: <em>losses</em>,
 * changes of a present entry that take away its frame, a right, or its accessed or dirty bit.
 *
 * <ul>
 * <li>The guest kernel's half (L4 slots above the hypervisor's) is much the same under all roots of a domain. It is kept when the new
 * root's slots there say what the old root's said and no table that can be reached through such a slot of any root lost something since
 * the vCPU's last flush. These tables are marked in the frame table. A loss in one of their L1 tables is not counted: what led to the
 * frame is dropped everywhere at once (a new page table makes its page read-only in the kernel's half: that happens all the time).
 * <li>Kernel mode's lower half is kept when the root is the same and nothing at all was lost in the domain.
 * <li>A user table's translations have a name, which ends with the next loss anywhere in the domain, or with the last use of any frame
 * as an L4 table: two processes that only take turns keep theirs.
 * </ul>
 * Calls under the core's lock.
 */
final class AddressSpaces {
    static final int FIRST_UPPER = PageTables.LAST_HYPERVISOR_SLOT + 1;

    private final FrameTable frames;
    private long losses = 1, upperLosses = 1;
    /** Slots from {@link #FIRST_UPPER} on that are or were present in an L4 table of the domain, ascending, and how many: a few of 240. */
    private final short[] upperSlots = new short[512 - FIRST_UPPER];
    private int upperCount;
    /** By vCPU: the counts when its CPU was last told. */
    private final long[] seen, upperSeen;
    /** Names of user tables, for the {@link #namedAt} count of losses. */
    private final int[] roots = new int[16];
    private final long[] names = new long[roots.length];
    private long namedAt;
    private int nextName;

    AddressSpaces(FrameTable frames, int vcpus) {
        this.frames = frames;
        seen = new long[vcpus];
        upperSeen = new long[vcpus];
    }

    /** An entry of a table in force became less than it was. */
    static boolean isLoss(long old, long now) {
        long gone = old & ~now & (Pte.PRESENT | Pte.RW | Pte.USER | Pte.ACCESSED | Pte.DIRTY);
        return Pte.present(old) && (gone != 0 || (now & ~old & Pte.NX) != 0 || ((old ^ now) & Pte.FRAME) != 0);
    }

    static boolean isUpperSlot(int slot) { return slot >= FIRST_UPPER; }

    /** That slot of an L4 table is present now; in a table in force, or that is being taken into force. */
    void present(int slot) {
        int i = 0;
        while (i < upperCount && upperSlots[i] < slot) {
            i++;
        }
        if (i == upperCount || upperSlots[i] != slot) {
            System.arraycopy(upperSlots, i, upperSlots, i + 1, upperCount++ - i);
            upperSlots[i] = (short) slot;
        }
    }

    /** Something was lost somewhere. */
    void lost() { losses++; }

    /** Something that the kernel's half may show was lost, and not dropped at once. */
    void lostUpper() { upperLosses++; }

    /** For {@link Cpu#spaceChanged}: what {@code v}'s CPU may keep of kernel mode, whose root was {@code oldRoot}; the counts are seen now. */
    int kept(VcpuImpl v, long oldRoot) {
        long root = v.context.get64(VcpuContext.KERNEL_ROOT);
        int i = v.id(), keep = 0;
        if (upperSeen[i] == upperLosses && root != 0 && oldRoot != 0 && (root == oldRoot || sameUpperHalf(oldRoot, root))) {
            keep = Cpu.KEEP_UPPER;
            if (root == oldRoot && seen[i] == losses) {
                keep |= Cpu.KEEP_LOWER;
            }
        }
        seen[i] = losses;
        upperSeen[i] = upperLosses;
        return keep;
    }

    /** True when {@code now} shows in the kernel's half whatever {@code old} shows there. */
    private boolean sameUpperHalf(long old, long now) {
        long a = frames.memory.address(old), b = frames.memory.address(now);
        for (int i = 0; i < upperCount; i++) {
            long slot = upperSlots[i] * 8L;
            if (!sameSlot(a + slot, b + slot)) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameSlot(long old, long now) {
        long e = Raw.get64(old);
        if (!Pte.present(e)) {
            return true;
        }
        long f = Raw.get64(now);
        // the accessed bit as if the CPU had walked here
        return !isLoss(e, f | Pte.ACCESSED) && ((e & ~f & Pte.ACCESSED) == 0 || Raw.cas64(now, f, f | Pte.ACCESSED));
    }

    /** For {@link Cpu#spaceChanged}: the name of what {@code v}'s user table shows now. */
    long userSpace(VcpuImpl v) {
        int root = (int) v.context.get64(VcpuContext.USER_ROOT);
        if (root == 0) {
            return 0;
        }
        if (namedAt != losses) {
            namedAt = losses;
            java.util.Arrays.fill(roots, 0);
        }
        for (int i = 0; i < roots.length; i++) {
            if (roots[i] == root) {
                return names[i];
            }
        }
        nextName = nextName + 1 & roots.length - 1;
        roots[nextName] = root;
        return names[nextName] = frames.newSpaceName();
    }
}
