package xen.toolstack.builder;

import xen.toolstack.api.ToolstackException;
import xen.toolstack.image.KernelImage;
import xen.toolstack.image.XenNotes;

/**
 * Where everything of a PV guest's bootstrap lies, in guest page numbers (public/xen.h, "start of day"): kernel, ramdisk, P2M list,
 * start_info, xenstore page, console page, page tables, stack, then at least 512 KiB mapped, up to a 4 MiB boundary of the virtual
 * address. A ramdisk that the guest takes by pfn and a P2M list at INIT_P2M come behind that, outside the kernel's mapping.
 *
 * @param end first pfn behind the bootstrap mapping
 * @param used first pfn that nothing occupies
 */
public record BootLayout(long virtBase, long pages, long ramdisk, long ramdiskBytes, long p2m, long p2mPages, long startInfo, long store,
        long console, BootTables tables, long stack, long end, long used, long p2mVa, boolean p2mApart, boolean ramdiskByPfn) {
    private static final long PAD = (512 << 10) >>> 12;

    public long va(long pfn) { return virtBase + (pfn << 12); }

    public static BootLayout of(KernelImage kernel, long ramdiskBytes, long pages) {
        XenNotes notes = kernel.notes();
        boolean apart = notes.initP2m() != XenNotes.UNSET && Long.compareUnsigned(notes.initP2m(), notes.virtBase()) < 0
                && (notes.initP2m() & 4095) == 0;
        long ramdiskPages = ramdiskBytes + 4095 >>> 12;
        long p2mPages = pages * 8 + 4095 >>> 12;
        long next = kernel.end() + 4095 >>> 12;
        long ramdisk = 0;
        if (!notes.modStartPfn()) {
            ramdisk = next;
            next += ramdiskPages;
        }
        long p2m = 0;
        if (!apart) {
            p2m = next;
            next += p2mPages;
        }
        long startInfo = next++;
        long store = next++;
        long console = next++;
        long firstTable = next;
        BootTables tables;
        long end;
        for (long extra = 1 + PAD;;) {
            end = roundTo4MiB(notes.virtBase(), firstTable + extra);
            tables = BootTables.of(firstTable, notes.virtBase(), end, apart ? notes.initP2m() : 0, apart ? p2mPages : 0);
            if (firstTable + tables.count() + 1 + PAD <= end) {
                break;
            }
            extra = tables.count() + 1 + PAD;
        }
        long stack = firstTable + tables.count();
        long used = end;
        if (notes.modStartPfn()) {
            ramdisk = used;
            used += ramdiskPages;
        }
        if (apart) {
            p2m = used;
            used += p2mPages;
        }
        if (used > pages) {
            throw new ToolstackException(kernel.name() + ": memory of " + (pages >>> 8) + " MiB is too small: the kernel takes "
                    + mib(kernel.end()) + " MiB, the ramdisk " + mib(ramdiskBytes) + " MiB, together with page tables " + mib(used << 12)
                    + " MiB are needed");
        }
        return new BootLayout(notes.virtBase(), pages, ramdisk, ramdiskBytes, p2m, p2mPages, startInfo, store, console, tables, stack, end,
                used, apart ? notes.initP2m() : notes.virtBase() + (p2m << 12), apart, notes.modStartPfn());
    }

    private static long roundTo4MiB(long virtBase, long pfn) {
        long va = virtBase + (pfn << 12);
        return ((va + (4 << 20) - 1 & -(4L << 20)) - virtBase) >>> 12;
    }

    private static long mib(long bytes) { return bytes + (1 << 20) - 1 >>> 20; }

    /** Initial stack pointer. */
    public long stackTop() { return va(stack + 1); }
}
