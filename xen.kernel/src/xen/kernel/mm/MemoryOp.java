package xen.kernel.mm;

import xen.kernel.api.hw.Raw;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.hypercall.HypercallFrame;

/**
 * memory_op (12): reservation, machine-to-physical table, memory map. Calls on physmaps are for auto-translated guests and refused.
 * A reservation changes extent by extent; the result is the number of extents done.
 */
final class MemoryOp {
    private static final int INCREASE = 0, DECREASE = 1, MAXIMUM_RAM_PAGE = 2, CURRENT = 3, MAXIMUM = 4, MACHPHYS_MFN_LIST = 5, POPULATE = 6,
            ADD_TO_PHYSMAP = 7, MEMORY_MAP = 9, MACHINE_MEMORY_MAP = 10, EXCHANGE = 11, MACHPHYS_MAPPING = 12, SET_MEMORY_MAP = 13,
            MAXIMUM_GPFN = 14, REMOVE_FROM_PHYSMAP = 15, CLAIM_PAGES = 24, ADD_TO_PHYSMAP_BATCH = 23, GET_VNUMAINFO = 26;
    private static final int COMMAND = 0x3f, START_SHIFT = 6;
    /** Largest extent for a domain without devices: 2 MiB. */
    static final int MAX_ORDER = 9;
    private static final int EXTENTS_AT_ONCE = 1024;
    private static final int E820_RAM = 1, E820_ENTRY = 20;
    /** shared_info.arch.max_pfn. */
    private static final int MAX_PFN_OFFSET = 0xc10;

    private final FrameTable frames;
    private final MemoryExchange exchange;

    MemoryOp(FrameTable frames) {
        this.frames = frames;
        exchange = new MemoryExchange(frames);
    }

    /** (command | start extent &lt;&lt; 6, argument). */
    long call(HypercallFrame c) {
        long p = c.arg(1);
        DomainMemory d = c.domain().memory;
        return switch ((int) c.arg(0) & COMMAND) {
            case INCREASE, DECREASE, POPULATE -> reservation(c, p);
            case MAXIMUM_RAM_PAGE -> frames.memory.frames - 1;
            case CURRENT -> own(c, p) != 0 ? own(c, p) : d.pages();
            case MAXIMUM -> own(c, p) != 0 ? own(c, p) : d.maxPages();
            case MACHPHYS_MFN_LIST -> machphysMfnList(c, p);
            case MACHPHYS_MAPPING -> machphysMapping(c, p);
            case MEMORY_MAP -> memoryMap(c, p);
            case EXCHANGE -> exchange.call(c, p);
            case MAXIMUM_GPFN -> own(c, p) != 0 ? own(c, p) : Raw.get64(frames.memory.address(d.sharedInfoMfn()) + MAX_PFN_OFFSET) - 1;
            case ADD_TO_PHYSMAP, ADD_TO_PHYSMAP_BATCH, REMOVE_FROM_PHYSMAP -> -Errno.EACCES;
            case MACHINE_MEMORY_MAP, SET_MEMORY_MAP, CLAIM_PAGES -> -Errno.EPERM;
            case GET_VNUMAINFO -> -Errno.EOPNOTSUPP;
            default -> -Errno.ENOSYS;
        };
    }

    /** A domid_t at {@code p}: 0 when it is the caller. */
    private static long own(HypercallFrame c, long p) { return DomIds.self(c.domain(), c.get16(p)); }

    private long reservation(HypercallFrame c, long p) {
        int command = (int) c.arg(0) & COMMAND;
        long start = c.arg(0) >>> START_SHIFT;
        long list = c.get64(p);
        long extents = c.get64(p + 8);
        int order = c.get32(p + 16);
        long rc = DomIds.self(c.domain(), c.get16(p + 24));
        if (start >= extents) {
            return extents;
        }
        if (rc != 0) {
            return rc;
        }
        if (order < 0 || order > MAX_ORDER || extents >>> 40 != 0) {
            return start;
        }
        DomainMemory d = c.domain().memory;
        long i = start;
        long end = Math.min(extents, start + EXTENTS_AT_ONCE);
        try {
            while (i < end && extent(c, d, command, list == 0 ? 0 : list + i * 8, order)) {
                i++;
            }
        } catch (xen.kernel.api.hypercall.GuestMemory.GuestFault f) {
            // like any other failure: tell how far it went
        }
        // a long list is done in pieces: the guest asks again from there
        return i == end && i < extents && c.outermost() ? c.again(command | i << START_SHIFT, p, c.arg(2)) : i;
    }

    private boolean extent(HypercallFrame c, DomainMemory d, int command, long at, int order) {
        if (command == DECREASE) {
            return decrease(d, c.get64(at), order);
        }
        long pfn = command == POPULATE ? c.get64(at) : MachineToPhys.INVALID;
        if (at != 0) {
            c.checkWritable(at, 8);
        }
        if (!d.mayTake(1L << order)) {
            return false;
        }
        int mfn = frames.allocate(d, order, false);
        if (mfn < 0) {
            return false;
        }
        if (command == POPULATE) {
            for (int j = 0; j < 1 << order; j++) {
                frames.m2p.set(mfn + j, pfn + j);
            }
        }
        if (at != 0) {
            c.put64(at, mfn);
        }
        return true;
    }

    /** Gives up an extent; a frame still in use (mapped, pinned) stays the domain's until that ends. */
    private boolean decrease(DomainMemory d, long mfn, int order) {
        for (int j = 0; j < 1 << order; j++) {
            if (!frames.owned(mfn + j, d.owner) || frames.special((int) mfn + j) || !frames.allocated((int) mfn + j)) {
                return false;
            }
        }
        for (int j = 0; j < 1 << order; j++) {
            frames.deallocate((int) mfn + j);
        }
        return true;
    }

    private long machphysMfnList(HypercallFrame c, long p) {
        int max = c.get32(p);
        long list = c.get64(p + 8);
        int n = Math.min(Math.max(max, 0), (frames.m2p.frames() + 511) / 512);
        c.checkWritable(p + 16, 4);
        for (int i = 0; i < n; i++) {
            c.put64(list + i * 8L, frames.m2p.firstMfn() + i * 512L);
        }
        c.put32(p + 16, n);
        return 0;
    }

    private long machphysMapping(HypercallFrame c, long p) {
        c.checkWritable(p, 24);
        c.put64(p, MachineToPhys.BASE);
        // the window, as Xen tells it, and not this machine's part of it: a guest keeps the number, and may be restored on a larger machine
        c.put64(p + 8, MachineToPhys.END);
        c.put64(p + 16, (MachineToPhys.END - MachineToPhys.BASE) / 8 - 1);
        return 0;
    }

    /** One region of RAM as large as the domain may become; what it does not have yet it finds ballooned out. */
    private long memoryMap(HypercallFrame c, long p) {
        int room = c.get32(p);
        long buffer = c.get64(p + 8);
        if (room < 1) {
            return -Errno.EINVAL;
        }
        DomainMemory d = c.domain().memory;
        c.checkWritable(p, 4);
        c.checkWritable(buffer, E820_ENTRY);
        c.put64(buffer, 0);
        c.put64(buffer + 8, Math.max(d.maxPages(), d.pages()) << 12);
        c.put32(buffer + 16, E820_RAM);
        c.put32(p, 1);
        return 0;
    }
}
