package xen.kernel.grant;

import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.core.DomainImpl;
import xen.kernel.hypercall.HypercallFrame;
import xen.kernel.mm.DomIds;

/** GNTTABOP_copy: bytes between two frames, each the caller's own or behind a grant to it. */
final class GrantCopy {
    static final int SIZE = 40;
    private static final int SOURCE_IS_REF = 1, DEST_IS_REF = 2;

    // {source, dest: {ref u32 or gmfn u64, domid u16 at 8, offset u16 at 10} of 16 bytes, len u16 at 32, flags u16 at 34, status i16 at 36}
    long call(HypercallFrame c, long p, int count) {
        for (int i = 0; i < count; i++, p += SIZE) {
            c.checkWritable(p + 36, 2);
            c.put16(p + 36, one(c, p));
        }
        return 0;
    }

    private static int one(HypercallFrame c, long p) {
        int flags = c.get16(p + 34);
        int length = c.get16(p + 32);
        int from = c.get16(p + 10);
        int to = c.get16(p + 26);
        if (from + length > 4096 || to + length > 4096) {
            return GrantStatus.BAD_COPY_ARG;
        }
        // everything is read once: the copy may overwrite its own request
        boolean sourceRef = (flags & SOURCE_IS_REF) != 0;
        boolean destRef = (flags & DEST_IS_REF) != 0;
        long sourceName = c.get64(p);
        long destName = c.get64(p + 16);
        int sourceDomain = c.get16(p + 8);
        int destDomain = c.get16(p + 24);
        long source = open(c, sourceName, sourceDomain, sourceRef, true);
        if (source < 0) {
            return (int) source;
        }
        long dest = open(c, destName, destDomain, destRef, false);
        int status = GrantStatus.OKAY;
        if (dest < 0) {
            status = (int) dest;
        } else {
            MachineMemory memory = c.core().memory;
            c.domain().memory.contentChanged((int) dest);
            Raw.copy(memory.address(source) + from, memory.address(dest) + to, length);
            close(c, destName, destDomain, destRef, false);
        }
        close(c, sourceName, sourceDomain, sourceRef, true);
        return status;
    }

    /** The mfn with references taken, or a negative GNTST. */
    private static long open(HypercallFrame c, long refOrFrame, int domid, boolean isRef, boolean readOnly) {
        if (isRef) {
            DomainImpl d = domain(c, domid);
            return d == null ? GrantStatus.BAD_DOMAIN : d.grants.acquire((int) refOrFrame, c.domain().id(), readOnly);
        }
        if (DomIds.self(c.domain(), domid) != 0) {
            return GrantStatus.PERMISSION_DENIED;
        }
        return c.domain().memory.granted.get(refOrFrame, !readOnly) ? refOrFrame : GrantStatus.BAD_PAGE;
    }

    private static void close(HypercallFrame c, long refOrFrame, int domid, boolean isRef, boolean readOnly) {
        if (isRef) {
            domain(c, domid).grants.release((int) refOrFrame, readOnly);
        } else {
            c.domain().memory.granted.put((int) refOrFrame, !readOnly);
        }
    }

    private static DomainImpl domain(HypercallFrame c, int domid) { return domid == DomIds.SELF ? c.domain() : c.core().domain(domid); }
}
