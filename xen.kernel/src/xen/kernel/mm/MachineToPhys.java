package xen.kernel.mm;

import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;

/**
 * The machine-to-physical table: for each mfn the pfn that its owner gave it. Lies in frames of the hypervisor, which every L4 table of
 * a guest maps read-only in slot 256 through the page tables made here, next to it.
 */
public final class MachineToPhys {
    /** Guest virtual addresses of the window, whose size is part of the ABI. */
    public static final long BASE = 0xffff_8000_0000_0000L, END = 0xffff_8040_0000_0000L;
    public static final long INVALID = -1;

    private final MachineMemory memory;
    private final long host;
    private final int first;
    private final int pages;
    private final int l3;
    private final int end;

    /** Takes frames from {@code first} on; {@link #end} is the first it left. */
    MachineToPhys(MachineMemory memory, int first) {
        this.memory = memory;
        this.first = first;
        pages = (memory.frames + 511) / 512;
        int l1s = (pages + 511) / 512;
        int l2s = (l1s + 511) / 512;
        int l1 = first + pages;
        int l2 = l1 + l1s;
        l3 = l2 + l2s;
        end = l3 + 1;
        if (end > memory.frames) {
            throw new IllegalArgumentException("machine memory of " + memory.frames + " frames is too small for its machine-to-physical table");
        }
        host = memory.address(first);
        Raw.fill(host, (long) pages << 12, 0xff);
        Raw.zero(memory.address(l1), (long) (end - l1) << 12);
        fill(l1, first, pages, Pte.NX);
        fill(l2, l1, l1s, 0);
        fill(l3, l2, l2s, 0);
    }

    private void fill(int table, int target, int n, long extra) {
        for (int i = 0; i < n; i++) {
            Raw.put64(memory.address(table) + i * 8L, (long) target + i << 12 | Pte.PRESENT | Pte.USER | Pte.ACCESSED | extra);
        }
    }

    int end() { return end; }

    /** First of its contiguous frames. */
    public int firstMfn() { return first; }

    public int frames() { return pages; }

    /** The entry of L4 slot 256. */
    long l4Entry() { return (long) l3 << 12 | Pte.PRESENT | Pte.USER | Pte.ACCESSED; }

    public long get(long mfn) { return Raw.get64(host + mfn * 8); }

    void set(long mfn, long pfn) { Raw.put64(host + mfn * 8, pfn); }
}
