package xen.kernel.mm;

import java.util.function.Consumer;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.VcpuImpl;
import xen.kernel.hypercall.HypercallFrame;

/** mmuext_op (26): pins, roots, flushes, LDT, page clear and copy; a batch of 24-byte operations that stops at the first failure. */
final class MmuExtOp {
    private static final int PIN_L1 = 0, PIN_L4 = 3, UNPIN = 4, NEW_BASEPTR = 5, TLB_FLUSH_LOCAL = 6, INVLPG_LOCAL = 7, TLB_FLUSH_MULTI = 8,
            INVLPG_MULTI = 9, TLB_FLUSH_ALL = 10, INVLPG_ALL = 11, FLUSH_CACHE = 12, SET_LDT = 13, NEW_USER_BASEPTR = 15, CLEAR_PAGE = 16,
            COPY_PAGE = 17, FLUSH_CACHE_GLOBAL = 18;

    private final FrameTable frames;

    MmuExtOp(FrameTable frames) { this.frames = frames; }

    /** (operations, count, done, foreign domain). */
    long call(HypercallFrame c) {
        int rc = DomIds.self(c.domain(), c.arg(3));
        if (rc != 0) {
            return rc;
        }
        DomainMemory d = c.domain().memory;
        int count = (int) c.arg(1) & ~MmuUpdate.PREEMPTED;
        int before = Piece.before(c, c.arg(2));
        long limit = Piece.limit(d);
        long va = c.arg(0);
        int done = 0;
        try {
            for (; done < count && rc == 0; va += 24) {
                if (done == Piece.REQUESTS || d.validations.value > limit) {
                    return Piece.end(c, va, count - done, before + done);
                }
                rc = one(c, c.get32(va), c.get64(va + 8), va + 16);
                if (rc == 0) {
                    done++;
                }
            }
        } catch (xen.kernel.api.hypercall.GuestMemory.GuestFault f) {
            rc = -Errno.EFAULT;
        }
        if (c.arg(2) != 0) {
            c.put32(c.arg(2), before + done);
        }
        return rc;
    }

    private int one(HypercallFrame c, int op, long arg1, long arg2At) {
        DomainMemory d = c.domain().memory;
        VcpuImpl v = c.vcpu();
        if (op >= PIN_L1 && op <= PIN_L4) {
            return frames.pin(arg1, d.owner, op + 1);
        }
        switch (op) {
            case UNPIN -> {
                return frames.unpin(arg1, d.owner);
            }
            case NEW_BASEPTR -> {
                return d.loadRoot(v, arg1, false);
            }
            case NEW_USER_BASEPTR -> {
                return d.loadRoot(v, arg1, true);
            }
            case TLB_FLUSH_LOCAL -> d.flushVcpu(v);
            case INVLPG_LOCAL -> d.tlb.flushPage(v, arg1);
            case TLB_FLUSH_MULTI -> forEachVcpu(c, c.get64(arg2At), d::flushVcpu);
            case INVLPG_MULTI -> forEachVcpu(c, c.get64(arg2At), w -> d.tlb.flushPage(w, arg1));
            case TLB_FLUSH_ALL -> c.domain().vcpus().forEach(d::flushVcpu);
            case INVLPG_ALL -> c.domain().vcpus().forEach(w -> d.tlb.flushPage(w, arg1));
            case SET_LDT -> {
                return v.descriptors.setLdt(arg1, c.get32(arg2At));
            }
            case CLEAR_PAGE -> {
                return fill(d, arg1, -1);
            }
            case COPY_PAGE -> {
                long source = c.get64(arg2At);
                return d.owns(source) ? fill(d, arg1, source) : -Errno.EPERM;
            }
            // a domain without devices has no reason to flush caches: Xen refuses it too
            case FLUSH_CACHE, FLUSH_CACHE_GLOBAL -> {
                return -Errno.EACCES;
            }
            default -> {
                // MARK_SUPER, UNMARK_SUPER: 2 MiB pages, which PV guests do not have
                return -Errno.ENOSYS;
            }
        }
        return 0;
    }

    /** Clears the frame, or copies {@code source} into it. */
    private int fill(DomainMemory d, long mfn, long source) {
        int rc = frames.getWithType(mfn, d.owner, FrameTable.WRITABLE);
        if (rc != 0) {
            return rc;
        }
        d.contentChanged((int) mfn);
        long to = frames.memory.address(mfn);
        if (source < 0) {
            Raw.zero(to, 4096);
        } else {
            Raw.copy(frames.memory.address(source), to, 4096);
        }
        frames.putWithType((int) mfn);
        return 0;
    }

    /** Does it for each vCPU in the guest's bitmap at {@code va}; bits past the last vCPU mean nothing. */
    static void forEachVcpu(HypercallFrame c, long va, Consumer<VcpuImpl> action) {
        int n = c.domain().config.vcpus();
        for (int base = 0; base < n; base += 8) {
            for (int bits = c.get8(va + base / 8); bits != 0; bits &= bits - 1) {
                VcpuImpl v = c.domain().vcpu(base + Integer.numberOfTrailingZeros(bits));
                if (v != null) {
                    action.accept(v);
                }
            }
        }
    }
}
