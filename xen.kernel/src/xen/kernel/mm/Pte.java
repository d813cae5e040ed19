package xen.kernel.mm;

/** Bits of an x86-64 page-table entry, and what guests may set in one (SDM volume 3, 4.5; Xen public ABI). */
final class Pte {
    static final long PRESENT = 1, RW = 2, USER = 4, PWT = 8, PCD = 0x10, ACCESSED = 0x20, DIRTY = 0x40, PSE = 0x80, GLOBAL = 0x100;
    static final long AVAILABLE = 0xe00;
    /** Marks an entry that the guest made without USER: it is the guest kernel's (bit 52, as Xen). */
    static final long GUEST_KERNEL = 1L << 52;
    static final long NX = 1L << 63;
    static final long FRAME = 0x000f_ffff_ffff_f000L;
    /** Refused in L1 entries of domains without devices: cache attributes (in an L1 bit 7 is PAT). GLOBAL is ours to set, so it may stay. */
    static final long L1_REFUSED = PWT | PCD | PSE;
    /** Refused in entries of higher levels; PSE is among them: PV guests have 4 KiB pages only. */
    static final long TABLE_REFUSED = PWT | PCD | PSE | GLOBAL;

    private Pte() {}

    static boolean present(long e) { return (e & PRESENT) != 0; }

    static long mfn(long e) { return (e & FRAME) >>> 12; }

    /** What the table holds for a guest's L1 entry: always USER; the guest kernel's pages marked, the guest user's GLOBAL. */
    static long adjustL1(long e) {
        if ((e & PRESENT) == 0) {
            return e;
        }
        if ((e & USER) == 0) {
            return (e | USER | GUEST_KERNEL) & ~GLOBAL;
        }
        return (e & GUEST_KERNEL) == 0 ? e | GLOBAL : e & ~GLOBAL;
    }

    /** The same for levels 2 to 4. */
    static long adjustTable(long e) { return (e & PRESENT) == 0 ? e : e | USER; }

    /** Slot of {@code va} in a table of {@code level}. */
    static int slot(long va, int level) { return (int) (va >>> 12 + 9 * (level - 1)) & 511; }
}
