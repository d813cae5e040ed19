package xen.kernel.mm;

import xen.kernel.api.hypercall.Errno;
import xen.kernel.hypercall.HypercallFrame;

/**
 * XENMEM_exchange: gives frames and gets as many others, in extents of another size (contiguous machine memory for devices). All or
 * nothing here: the new frames are there before the old ones go.
 */
final class MemoryExchange {
    private static final int IN = 0, OUT = 32, EXCHANGED = 64;

    private final FrameTable frames;

    MemoryExchange(FrameTable frames) { this.frames = frames; }

    long call(HypercallFrame c, long p) {
        long inList = c.get64(p + IN);
        long ins = c.get64(p + IN + 8);
        int inOrder = c.get32(p + IN + 16);
        long outList = c.get64(p + OUT);
        long outs = c.get64(p + OUT + 8);
        int outOrder = c.get32(p + OUT + 16);
        DomainMemory d = c.domain().memory;
        if (c.get64(p + EXCHANGED) != 0 || c.get16(p + IN + 24) != c.get16(p + OUT + 24)) {
            return -Errno.EINVAL;
        }
        int rc = DomIds.self(c.domain(), c.get16(p + IN + 24));
        if (rc != 0) {
            return rc;
        }
        if (inOrder < 0 || outOrder < 0 || inOrder > MemoryOp.MAX_ORDER || outOrder > MemoryOp.MAX_ORDER) {
            return -Errno.EPERM;
        }
        if (ins < 0 || outs < 0 || ins > d.pages() || outs > d.pages() || ins << inOrder != outs << outOrder || ins << inOrder > d.pages()) {
            return -Errno.EINVAL;
        }
        c.checkWritable(p + EXCHANGED, 8);
        return exchange(c, d, p, inList, (int) ins, inOrder, outList, (int) outs, outOrder);
    }

    private long exchange(HypercallFrame c, DomainMemory d, long p, long inList, int ins, int inOrder, long outList, int outs, int outOrder) {
        int[] old = new int[ins << inOrder];
        for (int i = 0; i < ins; i++) {
            long first = c.get64(inList + i * 8L);
            for (int j = 0; j < 1 << inOrder; j++) {
                if (!idle(first + j, d)) {
                    return -Errno.EINVAL;
                }
                old[(i << inOrder) + j] = (int) first + j;
            }
        }
        int[] sorted = old.clone();
        java.util.Arrays.sort(sorted);
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i] == sorted[i - 1]) {
                return -Errno.EINVAL;
            }
        }
        long[] pfns = new long[outs];
        for (int i = 0; i < outs; i++) {
            c.checkWritable(outList + i * 8L, 8);
            pfns[i] = c.get64(outList + i * 8L);
        }
        int[] fresh = new int[outs];
        for (int i = 0; i < outs; i++) {
            fresh[i] = frames.allocate(d, outOrder, false);
            if (fresh[i] < 0) {
                while (i-- > 0) {
                    drop(fresh[i], outOrder);
                }
                return -Errno.ENOMEM;
            }
        }
        for (int mfn : old) {
            frames.deallocate(mfn);
        }
        for (int i = 0; i < outs; i++) {
            for (int j = 0; j < 1 << outOrder; j++) {
                frames.m2p.set(fresh[i] + j, pfns[i] + j);
            }
            c.put64(outList + i * 8L, fresh[i]);
        }
        c.put64(p + EXCHANGED, ins);
        return 0;
    }

    private void drop(int first, int order) {
        for (int j = 0; j < 1 << order; j++) {
            frames.deallocate(first + j);
        }
    }

    /** Only frames that nothing but their allocation holds can go. */
    private boolean idle(long mfn, DomainMemory d) {
        return frames.owned(mfn, d.owner) && frames.refs((int) mfn) == 1 && frames.allocated((int) mfn) && !frames.special((int) mfn);
    }
}
