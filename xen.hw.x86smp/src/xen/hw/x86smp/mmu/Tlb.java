package xen.hw.x86smp.mmu;

import java.util.Arrays;
import xen.kernel.api.hw.Raw;

/**
 * Software TLB of one CPU, off-heap, so that emitted host code can use the same table: direct mapped, {@link #ENTRIES} entries of
 * 32 bytes {read tag, write tag, execute tag, host address - virtual address}. A tag is the virtual page with the 12-bit address-space
 * tag in its low bits, or {@link #INVALID}. An access of n bytes compares {@code (va + n - 1 & ~4095 | tag)} with the entry chosen by
 * {@code va}: an access that crosses the page never matches, which is how it reaches the slow path.
 *
 * <p>Odd address-space tags are of kernel mode, even ones of user mode. A guest kernel's tag outlives changes of its address space, so the
 * entries that it may have in the lower half are noted: {@link #dropLow} takes them without a search; and kernel mode gets the right to
 * execute there only when it does so, which is noted too. What entries lead to which frame is noted roughly, so that most calls of
 * {@link #forget} find nothing to do. The notes lie behind the entries, a byte each, for emitted code that fills entries.
 *
 * <p>Filled, dropped and forgotten by the CPU's own thread or while it is stopped; {@link #protect} by any.
 */
public final class Tlb {
    public static final int ENTRIES = 2048;
    public static final int READ = 0, WRITE = 8, EXECUTE = 16, ADDEND = 24;
    /** No address-space tag is 0xfff. */
    public static final long INVALID = -1;
    public static final int MAX_TAG = 0xffd;
    /** A tag under which nothing is ever entered: every access takes the slow path. */
    public static final int MISSES = 0xffe;
    /** {@code base + (va >>> INDEX_SHIFT & INDEX_MASK)} is the entry's address. */
    public static final int INDEX_SHIFT = 7;
    public static final int INDEX_MASK = (ENTRIES - 1) << 5;
    /** Numbers of bytes in the areas LEADS (by host page number) and EXECUTED (by virtual page number). */
    public static final int FRAMES = 1 << 14, PAGES = 1 << 14;
    /** Areas behind the entries, offsets from {@link #base}. LEADS: some entry may lead to such a frame. */
    public static final int LEADS = ENTRIES * 32;
    /** Some entry with the right to execute was for such a page. */
    public static final int EXECUTED = LEADS + FRAMES;
    /** By index: the entry may be of kernel mode and in the lower half. */
    public static final int LOW = EXECUTED + PAGES;
    private static final int SIZE = LOW + ENTRIES, TAG = 4095;

    private final Raw.Area area = Raw.allocate(SIZE);
    public final long base = area.address();
    /** Bit a tag: kernel mode has executed in the lower half under it. */
    private final long[] lowCode = new long[TAG + 1 >> 6];

    public Tlb() { clear(); }

    public void clear() {
        Raw.fill(base, ENTRIES * 32L, 0xff);
        Raw.zero(base + LEADS, SIZE - LEADS);
        Arrays.fill(lowCode, 0);
    }

    public long entry(long va) { return base + (va >>> INDEX_SHIFT & INDEX_MASK); }

    private long leads(long hostPage) { return base + LEADS + (hostPage >>> 12 & FRAMES - 1); }

    private static boolean low(long t) { return t >= 0 && (t & 1) != 0; }

    /**
     * Enters a translation; {@code hostPage} is the host address of the page's first byte.
     *
     * @param executes the page is filled to be executed, otherwise {@code execute} counts for nothing in kernel mode's lower half
     */
    public void fill(long va, int tag, long hostPage, boolean write, boolean execute, boolean executes) {
        long e = entry(va);
        long page = va & -4096L;
        long t = page | tag;
        boolean mayExecute = execute;
        Raw.put8(leads(hostPage), 1);
        if (low(t)) {
            Raw.put8(base + LOW + (e - base >> 5), 1);
            mayExecute &= executes;
            if (mayExecute) {
                lowCode[tag >> 6] |= 1L << tag;
            }
        }
        if (mayExecute) {
            Raw.put8(base + EXECUTED + (va >>> 12 & PAGES - 1), 1);
        }
        Raw.put64(e + READ, t);
        Raw.put64(e + WRITE, write ? t : INVALID);
        Raw.put64(e + EXECUTE, mayExecute ? t : INVALID);
        Raw.put64(e + ADDEND, hostPage - page);
    }

    private static void dropEntry(long e) {
        Raw.put64(e + READ, INVALID);
        Raw.put64(e + WRITE, INVALID);
        Raw.put64(e + EXECUTE, INVALID);
    }

    /** Drops the page under one tag. */
    public void drop(long va, int tag) {
        long e = entry(va);
        if (Raw.get64(e + READ) == (va & -4096L | tag)) {
            dropEntry(e);
        }
    }

    /** Drops the lower half under a tag of kernel mode. */
    public void dropLow(int tag) {
        for (long at = base + LOW, end = at + ENTRIES; at < end; at += 32) {
            if ((Raw.get64(at) | Raw.get64(at + 8) | Raw.get64(at + 16) | Raw.get64(at + 24)) != 0) {
                dropLow(at, tag);
            }
        }
    }

    private void dropLow(long first, int tag) {
        for (long at = first; at < first + 32; at++) {
            if (Raw.get8(at) == 0) {
                continue;
            }
            long e = base + (at - base - LOW << 5), t = Raw.get64(e + READ);
            if (low(t) && (t & TAG) != tag) {
                // another vCPU's
                continue;
            }
            if (low(t)) {
                dropEntry(e);
            }
            Raw.put8(at, 0);
        }
    }

    /** Kernel mode executed in the lower half under this tag, so jumps to there may be remembered. */
    public boolean hasLowCode(int tag) { return (lowCode[tag >> 6] >>> tag & 1) != 0; }

    /** False when no code of that page was executed under any tag. */
    public boolean mayHaveExecuted(long va) { return Raw.get8(base + EXECUTED + (va >>> 12 & PAGES - 1)) != 0; }

    /** Drops what leads to the frame at {@code hostPage}, under every tag. */
    public void forget(long hostPage) {
        long noted = leads(hostPage);
        if (Raw.get8(noted) == 0) {
            return;
        }
        boolean others = false;
        for (long e = base, end = base + LEADS; e < end; e += 32) {
            long t = Raw.get64(e + READ);
            long difference = (t & -4096L) + Raw.get64(e + ADDEND) - hostPage;
            if ((difference & (long) (FRAMES - 1) << 12) == 0 && t != INVALID) {
                if (difference == 0) {
                    dropEntry(e);
                } else {
                    others = true;
                }
            }
        }
        if (!others) {
            Raw.put8(noted, 0);
        }
    }

    /** Takes the right to write directly from the entry just filled. */
    public void protectEntry(long va) { Raw.put64(entry(va) + WRITE, INVALID); }

    /** Takes away the right to write directly to a host page, under every tag: it begins to hold decoded code. */
    public void protect(long hostPage) {
        if (Raw.get8(leads(hostPage)) == 0) {
            return;
        }
        for (long e = base, end = base + ENTRIES * 32L; e < end; e += 32) {
            long t = Raw.get64(e + WRITE);
            if (t != INVALID && (t & -4096L) + Raw.get64(e + ADDEND) == hostPage) {
                Raw.put64(e + WRITE, INVALID);
            }
        }
    }

    public void free() { area.free(); }
}
