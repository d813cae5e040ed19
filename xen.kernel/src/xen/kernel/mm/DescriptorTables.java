package xen.kernel.mm;

import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.VcpuImpl;
import xen.kernel.save.StateReader;
import xen.kernel.save.StateWriter;

/**
 * One vCPU's GDT and LDT. GDT frames are taken as descriptor pages when the guest sets them; LDT pages, which the guest names by
 * address, when a selector first needs them (and again after {@link #forgetLdt}). Lives with the vCPU; calls under the core's lock.
 */
public final class DescriptorTables {
    static final int LDT_PAGES = 16, GDT_PAGES = 14;

    private final VcpuImpl vcpu;
    /** 0 = none. */
    private final int[] gdt = new int[GDT_PAGES];
    private int gdtEntries;
    private long ldtBase;
    private int ldtEntries;
    /** Frames of LDT pages looked up so far; 0 = not yet. */
    private final int[] ldt = new int[LDT_PAGES];
    private boolean ldtUsed;

    public DescriptorTables(VcpuImpl vcpu) { this.vcpu = vcpu; }

    private DomainMemory memory() { return vcpu.domain.memory; }

    /** Raw descriptor behind a selector (guest tables, Xen's flat ring-3 entries), 0 when there is none. For CpuCallbacks.descriptor. */
    public long lookup(int selector) {
        int index = (selector & 0xffff) >>> 3;
        if ((selector & 4) != 0) {
            return lookupLdt(index);
        }
        if (index >= Descriptors.FIRST_RESERVED) {
            return Descriptors.reserved(selector & 0xffff);
        }
        return index < gdtEntries ? entry(gdt[index / Descriptors.PER_PAGE], index) : 0;
    }

    private long entry(int mfn, int index) {
        return Raw.get64(memory().frames.memory.address(mfn) + index % Descriptors.PER_PAGE * 8L);
    }

    private long lookupLdt(int index) {
        if (index >= ldtEntries) {
            return 0;
        }
        int page = index / Descriptors.PER_PAGE;
        if (ldt[page] == 0 && !takeLdtPage(page)) {
            return 0;
        }
        return entry(ldt[page], index);
    }

    private boolean takeLdtPage(int page) {
        FrameTable frames = memory().frames;
        long at = frames.tables.findL1(vcpu.context.get64(VcpuContext.KERNEL_ROOT), ldtBase + page * 4096L);
        if (at == -1) {
            return false;
        }
        long e = Raw.get64(at);
        if (!Pte.present(e) || frames.getWithType(Pte.mfn(e), memory().owner, FrameTable.SEGDESC) != 0) {
            return false;
        }
        ldt[page] = (int) Pte.mfn(e);
        ldtUsed = true;
        return true;
    }

    /** Installs GDT frames (set_gdt, VCPUOP_initialise): 0, or -errno and the old GDT stays. */
    public int setGdt(long[] mfns, int entries) {
        if (entries < 0 || entries > Descriptors.FIRST_RESERVED) {
            return -Errno.EINVAL;
        }
        FrameTable frames = memory().frames;
        int n = (entries + Descriptors.PER_PAGE - 1) / Descriptors.PER_PAGE;
        for (int i = 0; i < n; i++) {
            if (frames.getWithType(mfns[i], memory().owner, FrameTable.SEGDESC) != 0) {
                while (i-- > 0) {
                    frames.putWithType((int) mfns[i]);
                }
                return -Errno.EINVAL;
            }
        }
        dropGdt();
        for (int i = 0; i < n; i++) {
            gdt[i] = (int) mfns[i];
        }
        gdtEntries = entries;
        return 0;
    }

    private void dropGdt() {
        gdtEntries = 0;
        for (int i = 0; i < GDT_PAGES; i++) {
            int mfn = gdt[i];
            gdt[i] = 0;
            if (mfn != 0) {
                memory().frames.putWithType(mfn);
            }
        }
    }

    /** MMUEXT_SET_LDT: 0 or -errno. */
    int setLdt(long base, int entries) {
        if (entries < 0 || entries > 8192 || (base & 4095) != 0 || entries != 0 && !PageTables.guestSlot(4, Pte.slot(base, 4))
                || base << 16 >> 16 != base) {
            return -Errno.EINVAL;
        }
        forgetLdt();
        ldtBase = entries == 0 ? 0 : base;
        ldtEntries = entries;
        return 0;
    }

    /** Gives up the LDT pages looked up so far; the next use looks again. */
    void forgetLdt() {
        if (!ldtUsed) {
            return;
        }
        ldtUsed = false;
        for (int i = 0; i < LDT_PAGES; i++) {
            int mfn = ldt[i];
            ldt[i] = 0;
            if (mfn != 0) {
                memory().frames.putWithType(mfn);
            }
        }
    }

    /** Frames of which this holds a descriptor-type reference. */
    java.util.stream.IntStream heldFrames() {
        return java.util.stream.IntStream.concat(java.util.Arrays.stream(gdt), java.util.Arrays.stream(ldt)).filter(mfn -> mfn != 0);
    }

    /** Drops GDT and LDT (vCPU reset, domain death). */
    public void release() {
        dropGdt();
        setLdt(0, 0);
    }

    // Saving

    public void capture(StateWriter w) {
        w.part("descriptors").i32(gdtEntries);
        for (int i = 0; i < pages(gdtEntries); i++) {
            w.i64(gdt[i]);
        }
        w.i64(ldtBase).i32(ldtEntries);
    }

    private static int pages(int entries) { return (entries + Descriptors.PER_PAGE - 1) / Descriptors.PER_PAGE; }

    /** GDT frames are validated; LDT pages are looked up again at their next use. */
    public void restore(StateReader r) {
        r.part("descriptors");
        int entries = r.i32("GDT entries", 0, Descriptors.FIRST_RESERVED);
        long[] mfns = new long[pages(entries)];
        for (int i = 0; i < mfns.length; i++) {
            mfns[i] = r.frame("GDT page", false);
        }
        if (setGdt(mfns, entries) != 0) {
            throw r.refused("a page of the GDT holds what no guest may have there");
        }
        long base = r.i64();
        if (setLdt(base, r.i32("LDT entries", 0, 8192)) != 0) {
            throw r.refused("the LDT is at " + Long.toHexString(base));
        }
    }
}
