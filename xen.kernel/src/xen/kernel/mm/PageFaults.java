package xen.kernel.mm;

import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.core.VcpuImpl;

/**
 * First look at every #PF of a guest, on the pCPU's thread under the core's lock. Two kinds are not the guest's business: a store of
 * the guest kernel to an L1 table that it sees read-only (Linux changes entries with atomic instructions), which is done for it with
 * the checks of mmu_update; and a fault that the tables do not explain any more, because only the TLB was old.
 */
public final class PageFaults {
    private static final int PROTECTION = 1, WRITE = 2, RESERVED = 8, FETCH = 16;

    private PageFaults() {}

    /** True when the fault is dealt with (retry or instruction done); false: the guest's own fault, bounce it. */
    public static boolean fixup(VcpuImpl v, int pcpu, long cr2, int error) {
        DomainMemory d = v.domain.memory;
        long entryAt = d.frames.tables.findL1(v.context.root(), cr2);
        if (entryAt == -1 || (error & RESERVED) != 0) {
            return false;
        }
        long entry = Raw.get64(entryAt);
        if (!Pte.present(entry)) {
            return false;
        }
        if ((error & (PROTECTION | WRITE)) == (PROTECTION | WRITE) && (entry & Pte.RW) == 0 && !v.context.userMode()) {
            int table = (int) Pte.mfn(entry);
            // a page table of another domain can never be mapped, but a grant of a page that became one might
            return d.owns(table) && d.frames.isTable(table, 1) && emulate(v, d, pcpu, cr2, table);
        }
        return spurious(v, d, pcpu, cr2, error);
    }

    // Writes to page tables

    private static boolean emulate(VcpuImpl v, DomainMemory d, int pcpu, long cr2, int table) {
        Cpu cpu = v.domain.core.cpu(pcpu);
        EntryStore store = new EntryStore(d, table);
        boolean done = cpu.stepWithStoreHook(v.context, cr2 & -4096L, store) == Exit.BUDGET;
        if (done) {
            d.emulatedWrites.value++;
        }
        // another CPU's accessed or dirty bit came between: the instruction faults again and is done then
        return done || store.raced;
    }

    /** One store of at most an entry's size, inside an entry: the rest of the entry stays. */
    private static final class EntryStore implements Cpu.StoreHook {
        private final DomainMemory d;
        private final int table;
        boolean raced;

        EntryStore(DomainMemory d, int table) {
            this.d = d;
            this.table = table;
        }

        @Override public boolean store(long va, int size, long value) {
            return fits(va, size) && d.frames.tables.modify(table, 1, slot(va), merged(entry(va), va, size, value), false, d) == 0;
        }

        @Override public boolean exchange(long va, int size, long old, long value) {
            if (!fits(va, size)) {
                return false;
            }
            long entry = entry(va);
            int rc = merged(entry, va, size, old) != entry ? PageTables.RACED
                    : d.frames.tables.exchange(table, slot(va), entry, merged(entry, va, size, value), d);
            raced = rc == PageTables.RACED;
            return rc == 0;
        }

        private boolean fits(long va, int size) { return ((int) va & 7) + size <= 8 && d.frames.isTable(table, 1); }

        private long entry(long va) { return Raw.get64Acquire(d.frames.memory.address(table) + slot(va) * 8L); }

        private static int slot(long va) { return (int) va >>> 3 & 511; }

        private static long merged(long entry, long va, int size, long value) {
            if (size == 8) {
                return value;
            }
            int shift = ((int) va & 7) * 8;
            long mask = (1L << size * 8) - 1 << shift;
            return entry & ~mask | value << shift & mask;
        }
    }

    // Stale translations

    private static boolean spurious(VcpuImpl v, DomainMemory d, int pcpu, long cr2, int error) {
        if (!allowed(d.frames.memory, v.context.root(), cr2, error)) {
            return false;
        }
        // the same instruction a second time: then it is not the TLB, and retrying would never end
        if (d.lastSpurious(v, cr2)) {
            return false;
        }
        v.domain.core.cpu(pcpu).flushPage(v.context, cr2);
        d.spuriousFaults.value++;
        return true;
    }

    /** True when the tables as they are now allow the access that faulted; they are complete down to a present L1 entry. */
    private static boolean allowed(MachineMemory memory, long root, long va, int error) {
        long rights = -1;
        boolean nx = false;
        long table = root;
        for (int level = 4; level >= 1; level--) {
            long e = Raw.get64(memory.address(table) + Pte.slot(va, level) * 8L);
            rights &= e;
            nx |= (e & Pte.NX) != 0;
            table = Pte.mfn(e);
        }
        return (rights & Pte.USER) != 0 && ((error & WRITE) == 0 || (rights & Pte.RW) != 0) && ((error & FETCH) == 0 || !nx);
    }
}
