package xen.kernel.mm;

import xen.kernel.api.control.PageTableLevel;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.Core;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.TestCore;
import xen.kernel.core.VcpuImpl;
import xen.kernel.hypercall.HypercallFrame;

/**
 * A small PV domain as a builder leaves it: its frames mapped one after the other from virtual address 0, page tables read-only, root
 * pinned and loaded. Hypercalls go through the core's table with arguments in guest memory.
 */
public final class PvGuest {
    /** pfns of the boot page tables. */
    public static final int L4 = 1, L3 = 2, L2 = 3, L1 = 4;
    /** Page that hypercall arguments are put in. */
    public static final int ARGS = 8;
    /** First page with no role. */
    public static final int PLAIN = 10;

    public final DomainImpl domain;
    public final VcpuImpl vcpu;
    public final long[] mfn;
    private static final long RIP = 0x1000;
    /** Times that a call was done in pieces. */
    public int restarts;
    private final Core core;
    private final HypercallFrame frame;

    public PvGuest(TestCore t, int id, int pages, long maxPages) {
        core = t.core;
        domain = t.domain(id, maxPages, 2);
        vcpu = domain.vcpu(0);
        frame = vcpu.traps.call;
        frame.bind(t.cpu(0));
        mfn = domain.memory.populate(0, pages);
        put(L4, 0, entry(L3, 7));
        put(L3, 0, entry(L2, 7));
        put(L2, 0, entry(L1, 7));
        for (int p = 0; p < pages; p++) {
            put(L1, p, entry(p, p >= L4 && p <= L1 ? 5 : 7));
        }
        domain.memory.pinTable(PageTableLevel.L4, mfn[L4]);
        if (!domain.memory.setRoot(vcpu, mfn[L4], false)) {
            throw new AssertionError("root refused");
        }
    }

    public DomainMemory memory() { return domain.memory; }

    public FrameTable frames() { return core.frames; }

    public static long va(int pfn) { return (long) pfn << 12; }

    public long host(int pfn) { return core.memory.address(mfn[pfn]); }

    public long machine(int pfn, int slot) { return mfn[pfn] << 12 | slot * 8L; }

    public long entry(int pfn, long flags) { return mfn[pfn] << 12 | flags; }

    /** Writes an entry behind the core's back, as a guest does to memory that it may write. */
    public void put(int pfn, int slot, long value) { Raw.put64(host(pfn) + slot * 8L, value); }

    public long get(int pfn, int slot) { return Raw.get64(host(pfn) + slot * 8L); }

    public long call(int number, long... args) {
        long[] a = java.util.Arrays.copyOf(args, 6);
        frame.begin(number, a[0], a[1], a[2], a[3], a[4], a[5]);
        vcpu.context.rip(RIP);
        long result = core.hypercalls.dispatch(frame);
        while (vcpu.context.rip() != RIP) {
            // a long call: the guest issues it again as it is told
            restarts++;
            vcpu.context.rip(RIP);
            frame.begin(number, vcpu.context.gpr(VcpuContext.RDI), vcpu.context.gpr(VcpuContext.RSI), vcpu.context.gpr(VcpuContext.RDX), a[3], a[4], a[5]);
            result = core.hypercalls.dispatch(frame);
        }
        return result;
    }

    // Calls with their argument structures at the start of the ARGS page

    public long mmuUpdate(long... ptrsAndValues) {
        for (int i = 0; i < ptrsAndValues.length; i++) {
            put(ARGS, i, ptrsAndValues[i]);
        }
        return call(1, va(ARGS), ptrsAndValues.length / 2, va(ARGS) + 2048, DomIds.SELF);
    }

    /** Requests done by the last {@link #mmuUpdate} or {@link #mmuExt}. */
    public int done() { return Raw.get32(host(ARGS) + 2048); }

    public long mmuExt(int op, long arg1, long arg2) {
        put(ARGS, 0, op);
        put(ARGS, 1, arg1);
        put(ARGS, 2, arg2);
        return call(26, va(ARGS), 1, va(ARGS) + 2048, DomIds.SELF);
    }

    public long updateVa(int pfnOfVa, long entry) { return call(14, va(pfnOfVa), entry, 0); }

    public long pin(int level, int pfn) { return mmuExt(level - 1, mfn[pfn], 0); }

    public long unpin(int pfn) { return mmuExt(4, mfn[pfn], 0); }

    /** Maps its own page read-only, so that nothing keeps it writable. */
    public void readOnly(int pfn) {
        if (updateVa(pfn, entry(pfn, 5)) != 0) {
            throw new AssertionError("page " + pfn + " cannot be made read-only");
        }
    }

    public long reservation(int command, long[] list, int order) {
        for (int i = 0; i < list.length; i++) {
            put(ARGS, 16 + i, list[i]);
        }
        put(ARGS, 0, va(ARGS) + 128);
        put(ARGS, 1, list.length);
        put(ARGS, 2, order);
        put(ARGS, 3, DomIds.SELF);
        return call(12, command, va(ARGS));
    }

    public long listed(int i) { return get(ARGS, 16 + i); }
}
