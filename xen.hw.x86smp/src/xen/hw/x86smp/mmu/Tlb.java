package xen.hw.x86smp.mmu;

import xen.kernel.api.hw.Raw;

/**
 * Software TLB of one CPU, off-heap, so that emitted host code can use the same table: direct mapped, {@link #ENTRIES} entries of
 * 32 bytes {read tag, write tag, execute tag, host address - virtual address}. A tag is the virtual page with the 12-bit address-space
 * tag in its low bits, or {@link #INVALID}. An access of n bytes compares {@code (va + n - 1 & ~4095 | tag)} with the entry chosen by
 * {@code va}: an access that crosses the page never matches, which is how it reaches the slow path.
 */
public final class Tlb {
    public static final int ENTRIES = 2048;
    public static final int READ = 0, WRITE = 8, EXECUTE = 16, ADDEND = 24;
    /** No address-space tag is 0xfff. */
    public static final long INVALID = -1;
    public static final int MAX_TAG = 0xffe;
    /** {@code base + (va >>> INDEX_SHIFT & INDEX_MASK)} is the entry's address. */
    public static final int INDEX_SHIFT = 7;
    public static final int INDEX_MASK = (ENTRIES - 1) << 5;

    private final Raw.Area area = Raw.allocate(ENTRIES * 32L);
    public final long base = area.address();

    public Tlb() { clear(); }

    public void clear() { Raw.fill(base, ENTRIES * 32L, 0xff); }

    public long entry(long va) { return base + (va >>> INDEX_SHIFT & INDEX_MASK); }

    /** Enters a translation; {@code hostPage} is the host address of the page's first byte. */
    public void fill(long va, int tag, long hostPage, boolean write, boolean execute) {
        long e = entry(va);
        long page = va & -4096L;
        long t = page | tag;
        Raw.put64(e + READ, t);
        Raw.put64(e + WRITE, write ? t : INVALID);
        Raw.put64(e + EXECUTE, execute ? t : INVALID);
        Raw.put64(e + ADDEND, hostPage - page);
    }

    /** Drops the page under one tag. */
    public void drop(long va, int tag) {
        long e = entry(va);
        if (Raw.get64(e + READ) == (va & -4096L | tag)) {
            Raw.put64(e + READ, INVALID);
            Raw.put64(e + WRITE, INVALID);
            Raw.put64(e + EXECUTE, INVALID);
        }
    }

    /** Takes the right to write directly from the entry just filled. */
    public void protectEntry(long va) { Raw.put64(entry(va) + WRITE, INVALID); }

    /** Takes away the right to write directly to a host page, under every tag: it begins to hold decoded code. */
    public void protect(long hostPage) {
        for (long e = base, end = base + ENTRIES * 32L; e < end; e += 32) {
            long t = Raw.get64(e + WRITE);
            if (t != INVALID && (t & -4096L) + Raw.get64(e + ADDEND) == hostPage) {
                Raw.put64(e + WRITE, INVALID);
            }
        }
    }

    public void free() { area.free(); }
}
