package xen.kernel.mm;

import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hypercall.Errno;

/**
 * What a page table may say, and the references that its entries hold. A table in force obeys, entry by entry:
 * <ul>
 * <li>L1: a present entry maps a frame of the table's owner (or one granted to it: those are put in by the grant package), holds a
 * general reference to it and, if writable, also its WRITABLE type: so no table or descriptor page is ever writable for a guest.
 * <li>L2 to L4: a present entry holds the frame with the type of the next lower level. References descend strictly, so a table can
 * never, also not in a circle, contain itself.
 * <li>L4 slots 256 to 271 are the hypervisor's.
 * </ul>
 * Entries are the real ones that the CPU walks. Nothing here flushes TLBs: that is asked for by the guest, or comes with a type change.
 */
final class PageTables {
    static final int FIRST_HYPERVISOR_SLOT = 256, LAST_HYPERVISOR_SLOT = 271;

    private final FrameTable frames;

    PageTables(FrameTable frames) { this.frames = frames; }

    static boolean guestSlot(int level, int slot) { return level != 4 || slot < FIRST_HYPERVISOR_SLOT || slot > LAST_HYPERVISOR_SLOT; }

    // References of one entry

    /** Takes what a present entry of a table of {@code level} needs; 0, or -errno and nothing taken. */
    private int take(long e, int level, int owner) {
        if (level != 1) {
            return (e & Pte.TABLE_REFUSED) != 0 ? -Errno.EINVAL : frames.getWithType(Pte.mfn(e), owner, level - 1);
        }
        if ((e & Pte.L1_REFUSED) != 0) {
            return -Errno.EINVAL;
        }
        long mfn = Pte.mfn(e);
        return (e & Pte.RW) != 0 ? frames.getWithType(mfn, owner, FrameTable.WRITABLE) : frames.get(mfn, owner) ? 0 : -Errno.EPERM;
    }

    /** Gives up what a present entry held. */
    private void give(long e, int level, DomainMemory d) {
        int mfn = (int) Pte.mfn(e);
        if (level != 1 || (e & Pte.RW) != 0) {
            frames.putWithType(mfn);
            return;
        }
        if (frames.type(mfn) == FrameTable.SEGDESC && frames.typeCount(mfn) != 0) {
            // perhaps a page of a lazily checked LDT leaves its address: look again at the next use
            d.forgetLdts();
        }
        frames.put(mfn);
    }

    // Whole tables

    /** Checks and takes a table's entries; 0, or -errno and nothing has changed. Called by the frame table for type count 0 to 1. */
    int validate(int mfn, int level, DomainMemory d) {
        long host = frames.memory.address(mfn);
        for (int i = 0; i < 512; i++) {
            long e = Raw.get64(host + i * 8L);
            if (Pte.present(e) && guestSlot(level, i)) {
                int rc = take(e, level, d.owner);
                if (rc != 0) {
                    giveAll(host, level, i, d);
                    return rc;
                }
            }
        }
        for (int i = 0; i < 512; i++) {
            long e = Raw.get64(host + i * 8L);
            long adjusted = level == 1 ? Pte.adjustL1(e) : Pte.adjustTable(e);
            if (adjusted != e) {
                Raw.put64(host + i * 8L, adjusted);
            }
        }
        if (level == 4) {
            for (int i = FIRST_HYPERVISOR_SLOT; i <= LAST_HYPERVISOR_SLOT; i++) {
                Raw.put64(host + i * 8L, i == FIRST_HYPERVISOR_SLOT ? frames.m2p.l4Entry() : 0);
            }
        }
        d.validations.value++;
        if (level == 4) {
            markUpper(host, d);
        }
        return 0;
    }

    /** What an L4 table's upper slots lead to belongs to the guest kernel's half. */
    private void markUpper(long host, DomainMemory d) {
        for (int i = AddressSpaces.FIRST_UPPER; i < 512; i++) {
            long e = Raw.get64(host + i * 8L);
            if (Pte.present(e)) {
                d.spaces.present(i);
                mark((int) Pte.mfn(e), 3);
            }
        }
    }

    /** The tables in a table's entries belong to the guest kernel's half now, and all under them. */
    private void markBelow(long host, int level) {
        for (int i = 0; i < 512; i++) {
            long e = Raw.get64(host + i * 8L);
            if (Pte.present(e)) {
                mark((int) Pte.mfn(e), level - 1);
            }
        }
    }

    private void mark(int table, int level) {
        if (!frames.inKernelHalf(table)) {
            frames.setKernelHalf(table);
            if (level > 1) {
                markBelow(frames.memory.address(table), level);
            }
        }
    }

    /** An entry was changed: what may be in TLBs because of it? Before its frame is given up. */
    private void changed(long at, int level, long old, long now, DomainMemory d) {
        int table = frames.memory.mfnOf(at);
        boolean upper = level == 4 ? AddressSpaces.isUpperSlot((int) at >>> 3 & 511) : frames.inKernelHalf(table);
        if (upper && level > 1 && Pte.present(now)) {
            if (level == 4) {
                d.spaces.present((int) at >>> 3 & 511);
            }
            mark((int) Pte.mfn(now), level - 1);
        }
        if (!AddressSpaces.isLoss(old, now)) {
            return;
        }
        d.spaces.lost();
        if (level == 1) {
            int frame = (int) Pte.mfn(old);
            if (frames.owner(frame) != d.owner) {
                d.tlb.dropNow(frame);
            } else if (upper) {
                d.tlb.dropSoon(frame);
            }
        } else if (upper) {
            d.spaces.lostUpper();
        }
    }

    /** The table is none any more: its entries' references go. */
    void invalidate(int mfn, int level, DomainMemory d) {
        long host = frames.memory.address(mfn);
        if (level == 4) {
            // its number may come back as another root
            d.spaces.lost();
        } else if (level == 1) {
            dropForeign(host, d);
        }
        giveAll(host, level, 512, d);
    }

    private void dropForeign(long host, DomainMemory d) {
        for (int i = 0; i < 512; i++) {
            long e = Raw.get64(host + i * 8L);
            if (Pte.present(e) && frames.owner((int) Pte.mfn(e)) != d.owner) {
                d.tlb.dropNow((int) Pte.mfn(e));
            }
        }
    }

    private void giveAll(long host, int level, int end, DomainMemory d) {
        for (int i = 0; i < end; i++) {
            long e = Raw.get64(host + i * 8L);
            if (Pte.present(e) && guestSlot(level, i)) {
                give(e, level, d);
            }
        }
    }

    // One entry

    /**
     * Writes an entry of a table in force after the same checks as validation.
     *
     * @param preserve keep the accessed and dirty bits that a CPU may have set (MMU_PT_UPDATE_PRESERVE_AD)
     * @return 0, or -errno and nothing has changed
     */
    int modify(int table, int level, int slot, long value, boolean preserve, DomainMemory d) {
        if (!guestSlot(level, slot)) {
            return -Errno.EINVAL;
        }
        long at = frames.memory.address(table) + slot * 8L;
        return change(at, level, Raw.get64Acquire(at), value, preserve ? Write.PRESERVE : Write.PLAIN, d);
    }

    /** {@link #modify} of an L1 entry, provided that it still is {@code old}; else {@link #RACED}. */
    int exchange(int table, int slot, long old, long value, DomainMemory d) {
        return change(frames.memory.address(table) + slot * 8L, 1, old, value, Write.COMPARE, d);
    }

    /** What {@link #exchange} says when a CPU set the accessed or dirty bit in between. */
    static final int RACED = 1;

    private enum Write { PLAIN, PRESERVE, COMPARE }

    private int change(long at, int level, long old, long value, Write how, DomainMemory d) {
        if (how == Write.COMPARE && Raw.get64Acquire(at) != old) {
            return RACED;
        }
        if (!Pte.present(value)) {
            if (!write(at, old, value, how)) {
                return RACED;
            }
            changed(at, level, old, value, d);
        } else {
            long adjusted;
            long same;
            if (level == 1) {
                adjusted = Pte.adjustL1(value);
                same = Pte.PRESENT | Pte.FRAME | Pte.RW;
            } else {
                adjusted = Pte.adjustTable(value);
                same = Pte.PRESENT | Pte.FRAME;
            }
            if (((old ^ value) & same) == 0 && (value & (level == 1 ? Pte.L1_REFUSED : Pte.TABLE_REFUSED)) == 0) {
                // the references stay as they are: only flags change
                if (!write(at, old, adjusted, how)) {
                    return RACED;
                }
                changed(at, level, old, shown(old, adjusted, how), d);
                return 0;
            }
            int rc = take(value, level, d.owner);
            if (rc != 0) {
                return rc;
            }
            if (!write(at, old, adjusted, how)) {
                give(value, level, d);
                return RACED;
            }
            changed(at, level, old, shown(old, adjusted, how), d);
        }
        if (Pte.present(old)) {
            give(old, level, d);
        }
        return 0;
    }

    /** What {@link #write} left there, as far as {@link #changed} looks. */
    private static long shown(long old, long value, Write how) {
        return how == Write.PRESERVE ? value | old & (Pte.ACCESSED | Pte.DIRTY) : value;
    }

    private static boolean write(long at, long old, long value, Write how) {
        if (how == Write.PLAIN) {
            Raw.put64Release(at, value);
            return true;
        }
        if (how == Write.COMPARE) {
            return Raw.cas64(at, old, value);
        }
        // another CPU may set A or D just now; nobody else writes here
        long seen = old;
        while (!Raw.cas64(at, seen, value | seen & (Pte.ACCESSED | Pte.DIRTY))) {
            seen = Raw.get64Acquire(at);
        }
        return true;
    }

    /** For grants: writes an L1 entry (of any frame) whose references the caller already holds for it; gives up the old one's. */
    void installGranted(int table, int slot, long value, DomainMemory d) {
        long at = frames.memory.address(table) + slot * 8L;
        long old = Raw.get64(at);
        long adjusted = Pte.adjustL1(value);
        Raw.put64Release(at, adjusted);
        replaced(at, old, adjusted, d);
        if (Pte.present(old)) {
            give(old, 1, d);
        }
    }

    /** For grants: empties an L1 entry and returns it; what it held is the caller's now. */
    long takeOut(long at, DomainMemory d) {
        long old = Raw.get64(at);
        Raw.put64Release(at, 0);
        replaced(at, old, 0, d);
        return old;
    }

    /** The grant calls flush: no CPU leads anywhere through the old entry any more. */
    private void replaced(long at, long old, long now, DomainMemory d) {
        changed(at, 1, old, now, d);
        if (AddressSpaces.isLoss(old, now)) {
            d.tlb.dropNow((int) Pte.mfn(old));
        }
    }

    // Finding entries

    /** Host address of the L1 entry for {@code va} under {@code root}, or -1: through tables in force only, never the hypervisor's. */
    long findL1(long root, long va) {
        MachineMemory memory = frames.memory;
        if (root == 0 || va << 16 >> 16 != va || !guestSlot(4, Pte.slot(va, 4))) {
            return -1;
        }
        long table = root;
        for (int level = 4; level > 1; level--) {
            long e = Raw.get64(memory.address(table) + Pte.slot(va, level) * 8L);
            if (!Pte.present(e)) {
                return -1;
            }
            table = Pte.mfn(e);
        }
        return memory.address(table) + Pte.slot(va, 1) * 8L;
    }
}
