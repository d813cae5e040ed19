package xen.kernel.mm;

import xen.kernel.api.hw.VcpuContext;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;
import xen.kernel.hypercall.HypercallFrame;

/** update_va_mapping (14) and update_va_mapping_otherdomain (22): one L1 entry by virtual address, with a flush if asked for. */
final class UpdateVaMapping {
    private static final int FLUSH_TYPE = 3, TLB_FLUSH = 1, INVLPG = 2;
    private static final long LOCAL = 0, ALL = 4;

    private final FrameTable frames;

    UpdateVaMapping(FrameTable frames) { this.frames = frames; }

    /** (va, new entry, flags). */
    long call(HypercallFrame c) {
        DomainMemory d = c.domain().memory;
        long va = c.arg(0);
        long flags = c.arg(2);
        long at = frames.tables.findL1(c.vcpu().context.get64(VcpuContext.KERNEL_ROOT), va);
        if (at == -1) {
            return -Errno.EINVAL;
        }
        long mask = flags & ~(long) FLUSH_TYPE;
        int type = (int) flags & FLUSH_TYPE;
        if (type != 0 && mask != LOCAL && mask != ALL) {
            // read it before anything changes: it may be a bad pointer
            c.get64(mask);
        }
        int rc = frames.tables.modify(frames.memory.mfnOf(at), 1, Pte.slot(va, 1), c.arg(1), false, d);
        if (rc == 0 && type != 0) {
            flush(c, type, mask, va);
        }
        return rc;
    }

    /** (va, new entry, flags, domain): other domains' frames come by grants only. */
    long callOther(HypercallFrame c) {
        int rc = DomIds.self(c.domain(), c.arg(3));
        return rc != 0 ? rc : call(c);
    }

    private static void flush(HypercallFrame c, int type, long mask, long va) {
        DomainImpl d = c.domain();
        if (mask == LOCAL) {
            flushOne(c.vcpu(), type, va);
        } else if (mask == ALL) {
            for (VcpuImpl v : d.vcpus()) {
                flushOne(v, type, va);
            }
        } else {
            MmuExtOp.forEachVcpu(c, mask, v -> flushOne(v, type, va));
        }
    }

    private static void flushOne(VcpuImpl v, int type, long va) {
        if (type == TLB_FLUSH) {
            v.domain.memory.flushVcpu(v);
        } else if (type == INVLPG) {
            v.domain.memory.tlb.flushPage(v, va);
        }
    }
}
