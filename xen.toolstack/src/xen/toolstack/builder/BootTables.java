package xen.toolstack.builder;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import xen.kernel.api.hw.Raw;
import xen.toolstack.api.ToolstackException;

/**
 * The bootstrap's page tables: L4, then the L3s, L2s and L1s of the kernel's mapping, then what the P2M list's own mapping needs in
 * addition. Guests rely on that order (Linux recognises its boot tables by it). Page numbers are given out here; {@link #write} fills
 * the frames.
 */
final class BootTables {
    static final int PRESENT = 1, WRITABLE = 2, USER = 4, ACCESSED = 0x20, DIRTY = 0x40;
    private static final int HYPERVISOR_FIRST = 256, HYPERVISOR_LAST = 271;

    /** One table: level 1 to 4, and the number of its first page's VA in units of what one of its tables spans. */
    private record Key(int level, long index) {}

    private final Map<Key, Long> pfnOf = new LinkedHashMap<>();
    private final long first;
    private final long virtBase;
    private final long pages;
    private final long p2mVa;
    private final long p2mPages;

    private BootTables(long first, long virtBase, long pages, long p2mVa, long p2mPages) {
        this.first = first;
        this.virtBase = virtBase;
        this.pages = pages;
        this.p2mVa = p2mVa;
        this.p2mPages = p2mPages;
    }

    /**
     * @param first pfn of the first table
     * @param pages pfns 0 to pages - 1 are mapped from virtBase on
     * @param p2mPages pages of a P2M list that is mapped apart at p2mVa; 0 = none
     */
    static BootTables of(long first, long virtBase, long pages, long p2mVa, long p2mPages) {
        BootTables t = new BootTables(first, virtBase, pages, p2mVa, p2mPages);
        t.cover(virtBase, pages);
        if (p2mPages > 0) {
            t.cover(p2mVa, p2mPages);
        }
        return t;
    }

    private void cover(long va, long count) {
        long last = va + (count << 12) - 1;
        long from = va >>> 39 & 511;
        long to = last >>> 39 & 511;
        if (from <= HYPERVISOR_LAST && to >= HYPERVISOR_FIRST || (va & 4095) != 0) {
            throw new ToolstackException("the kernel wants to be mapped at 0x" + Long.toHexString(va)
                    + ": not page-aligned, or the hypervisor's own range");
        }
        for (int level = 4; level >= 1; level--) {
            int shift = 12 + 9 * level;
            for (long i = canonical(va) >>> shift; i <= canonical(last) >>> shift; i++) {
                pfnOf.computeIfAbsent(new Key(level, i), k -> first + pfnOf.size());
            }
        }
    }

    /** 48 significant bits, so that an address is a plain index. */
    private static long canonical(long va) { return va & (1L << 48) - 1; }

    public int count() { return pfnOf.size(); }

    public long firstPfn() { return first; }

    /** Pfn of the L4 table. */
    public long root() { return first; }

    boolean contains(long pfn) { return pfn >= first && pfn < first + count(); }

    /**
     * Fills the tables; pages that are tables are mapped read-only, as Xen's page types demand.
     *
     * @param mfn mfn of a pfn
     * @param host host address of an mfn
     * @param p2mPfn first pfn of the P2M list (used when it is mapped apart)
     */
    void write(LongUnaryOperator mfn, LongUnaryOperator host, long p2mPfn) {
        pfnOf.forEach((key, pfn) -> {
            if (key.level < 4) {
                long parent = pfnOf.get(new Key(key.level + 1, key.index >>> 9));
                Raw.put64(host.applyAsLong(mfn.applyAsLong(parent)) + (key.index & 511) * 8,
                        mfn.applyAsLong(pfn) << 12 | PRESENT | WRITABLE | USER | ACCESSED | DIRTY);
            }
        });
        LongBinaryOperator leaf = (va, pfn) -> {
            long table = pfnOf.get(new Key(1, canonical(va) >>> 21));
            Raw.put64(host.applyAsLong(mfn.applyAsLong(table)) + (va >>> 12 & 511) * 8,
                    mfn.applyAsLong(pfn) << 12 | PRESENT | ACCESSED | (contains(pfn) ? 0 : WRITABLE | DIRTY));
            return pfn;
        };
        for (long pfn = 0; pfn < pages; pfn++) {
            leaf.applyAsLong(virtBase + (pfn << 12), pfn);
        }
        for (long i = 0; i < p2mPages; i++) {
            leaf.applyAsLong(p2mVa + (i << 12), p2mPfn + i);
        }
    }
}
