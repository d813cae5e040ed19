package xen.kernel.grant;

import xen.kernel.core.DomainImpl;
import xen.kernel.hypercall.HypercallFrame;
import xen.kernel.mm.GrantedPages;

/**
 * Mapping and unmapping of other domains' grants into the caller's page tables. An operation that fails changes nothing but its status.
 * What an entry that goes led to is
 * dropped from every TLB at once, by the page tables.
 */
final class GrantMap {
    static final int MAP_SIZE = 32, UNMAP_SIZE = 24;
    private static final int AVAILABLE_SHIFT = 16;

    // {host_addr u64, flags u32 at 8, ref u32 at 12, dom u16 at 16, status i16 at 18, handle u32 at 20, dev_bus_addr u64 at 24}
    long map(HypercallFrame c, long p, int count) {
        for (int i = 0; i < count; i++, p += MAP_SIZE) {
            c.checkWritable(p, MAP_SIZE);
            c.put16(p + 18, mapOne(c, p));
        }
        return 0;
    }

    private static int mapOne(HypercallFrame c, long p) {
        int flags = c.get32(p + 8);
        int ref = c.get32(p + 12);
        DomainImpl granter = c.core().domain(c.get16(p + 16));
        c.put32(p + 20, GrantStatus.GENERAL_ERROR);
        if ((flags & (GrantCalls.MAP_DEVICE | GrantCalls.MAP_HOST)) == 0) {
            return GrantStatus.BAD_GNTREF;
        }
        if (granter == null) {
            return GrantStatus.BAD_DOMAIN;
        }
        DomainImpl d = c.domain();
        long entry = 0;
        if ((flags & GrantCalls.MAP_HOST) != 0) {
            entry = d.memory.granted.entry(c.vcpu(), c.get64(p), (flags & GrantCalls.MAP_CONTAINS_PTE) != 0);
            if (entry == -1) {
                return GrantStatus.GENERAL_ERROR;
            }
        }
        return take(c, p, d, granter.grants, ref, flags, entry);
    }

    private static int take(HypercallFrame c, long p, DomainImpl d, GrantTable table, int ref, int flags, long entry) {
        boolean readOnly = (flags & GrantCalls.MAP_READONLY) != 0;
        boolean host = (flags & GrantCalls.MAP_HOST) != 0;
        boolean device = (flags & GrantCalls.MAP_DEVICE) != 0;
        int mfn = table.acquire(ref, d.id(), readOnly);
        if (mfn < 0) {
            return mfn;
        }
        if (host && device && table.acquire(ref, d.id(), readOnly) < 0) {
            table.release(ref, readOnly);
            return GrantStatus.GENERAL_ERROR;
        }
        int kept = flags & (GrantCalls.MAP_HOST | GrantCalls.MAP_DEVICE | GrantCalls.MAP_READONLY | GrantCalls.MAP_CONTAINS_PTE);
        int handle = d.grants.maps.add(table, ref, kept);
        if (handle < 0) {
            table.release(ref, readOnly);
            if (host && device) {
                table.release(ref, readOnly);
            }
            return GrantStatus.GENERAL_ERROR;
        }
        if (host) {
            d.memory.granted.install(entry, mfn, !readOnly, (flags & GrantCalls.MAP_APPLICATION) != 0, flags >>> AVAILABLE_SHIFT);
        }
        c.put32(p + 20, handle);
        c.put64(p + 24, (long) mfn << 12);
        return GrantStatus.OKAY;
    }

    // {host_addr u64, dev_bus_addr u64 at 8, handle u32 at 16, status i16 at 20}
    long unmap(HypercallFrame c, long p, int count) {
        for (int i = 0; i < count; i++, p += UNMAP_SIZE) {
            c.checkWritable(p + 20, 2);
            c.put16(p + 20, unmapOne(c, c.get64(p), c.get64(p + 8), c.get32(p + 16), 0));
        }
        return 0;
    }

    // {host_addr u64, new_addr u64 at 8, handle u32 at 16, status i16 at 20}
    long unmapAndReplace(HypercallFrame c, long p, int count) {
        for (int i = 0; i < count; i++, p += UNMAP_SIZE) {
            c.checkWritable(p + 20, 2);
            c.put16(p + 20, unmapOne(c, c.get64(p), 0, c.get32(p + 16), c.get64(p + 8)));
        }
        return 0;
    }

    /** {@code replacement}: address whose entry moves into the unmapped place, or 0. */
    private static int unmapOne(HypercallFrame c, long host, long device, int handle, long replacement) {
        DomainImpl d = c.domain();
        MapTrack maps = d.grants.maps;
        if (!maps.valid(handle)) {
            return GrantStatus.BAD_HANDLE;
        }
        int flags = maps.flags(handle);
        GrantTable table = maps.table(handle);
        int ref = maps.ref(handle);
        boolean readOnly = maps.readOnly(handle);
        int mfn = table.activeFrame(ref);
        boolean endDevice = device != 0 && (flags & GrantCalls.MAP_DEVICE) != 0;
        if (endDevice && device != (long) mfn << 12) {
            return GrantStatus.BAD_DEV_ADDR;
        }
        if (host != 0 && (flags & GrantCalls.MAP_HOST) != 0) {
            GrantedPages pages = d.memory.granted;
            long entry = pages.entry(c.vcpu(), host, (flags & GrantCalls.MAP_CONTAINS_PTE) != 0);
            if (entry == -1 || !pages.maps(entry, mfn, !readOnly)) {
                return GrantStatus.GENERAL_ERROR;
            }
            if (replacement == 0) {
                pages.clear(entry);
            } else {
                long from = pages.entry(c.vcpu(), replacement, false);
                if (from == -1 || from == entry) {
                    return GrantStatus.BAD_VIRT_ADDR;
                }
                pages.move(from, entry);
            }
            table.releaseEntry(ref, readOnly);
            maps.end(handle, GrantCalls.MAP_HOST);
        }
        if (endDevice) {
            table.release(ref, readOnly);
            maps.end(handle, GrantCalls.MAP_DEVICE);
        }
        return GrantStatus.OKAY;
    }
}
