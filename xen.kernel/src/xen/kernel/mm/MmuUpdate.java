package xen.kernel.mm;

import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.hypercall.HypercallFrame;

/**
 * mmu_update (1): a batch of {machine address | command, value} pairs. The hottest memory hypercall: no allocation, one translation a
 * request. Stops at the first request that fails; those before it stay done. A long batch is done in pieces, see {@link Piece}.
 */
final class MmuUpdate {
    private static final int NORMAL = 0, MACHPHYS = 1, PRESERVE_AD = 2, NO_TRANSLATE = 3;
    /** In the count of a batch that goes on: {@code *done} holds what was done before. */
    static final int PREEMPTED = 1 << 31;

    private final FrameTable frames;

    MmuUpdate(FrameTable frames) { this.frames = frames; }

    /** (requests, count, done, foreign domain). */
    long call(HypercallFrame c) {
        long foreign = c.arg(3);
        int rc = DomIds.self(c.domain(), foreign);
        long tableOwner = foreign >>> 16 & 0xffff;
        if (rc == 0 && tableOwner != 0) {
            rc = DomIds.self(c.domain(), tableOwner - 1);
        }
        if (rc != 0) {
            return rc;
        }
        DomainMemory d = c.domain().memory;
        int count = (int) c.arg(1) & ~PREEMPTED;
        int before = Piece.before(c, c.arg(2));
        long limit = Piece.limit(d);
        long va = c.arg(0);
        int done = 0;
        for (; done < count; done++, va += 16) {
            if (done == Piece.REQUESTS || d.validations.value > limit) {
                return Piece.end(c, va, count - done, before + done);
            }
            long ptr;
            long value;
            long host = (va & 4095) <= 4080 ? c.translate(va, Cpu.READ) : -1;
            if (host != -1) {
                ptr = Raw.get64(host);
                value = Raw.get64(host + 8);
            } else if ((va & 4095) > 4080 && c.translate(va, Cpu.READ) != -1 && c.translate(va + 15, Cpu.READ) != -1) {
                ptr = c.get64(va);
                value = c.get64(va + 8);
            } else {
                rc = -Errno.EFAULT;
                break;
            }
            rc = one(d, ptr, value);
            if (rc != 0) {
                break;
            }
        }
        if (c.arg(2) != 0) {
            c.put32(c.arg(2), before + done);
        }
        return rc;
    }

    private int one(DomainMemory d, long ptr, long value) {
        int command = (int) ptr & 7;
        long mfn = ptr >>> 12;
        if (command > NO_TRANSLATE) {
            return -Errno.ENOSYS;
        }
        if (!frames.owned(mfn, d.owner)) {
            return -Errno.EPERM;
        }
        if (command == MACHPHYS) {
            frames.m2p.set(mfn, value);
            return 0;
        }
        int table = (int) mfn;
        int level = frames.type(table);
        if (level >= FrameTable.L1 && level <= FrameTable.L4 && frames.typeCount(table) != 0) {
            return frames.tables.modify(table, level, (int) ptr >>> 3 & 511, value, command == PRESERVE_AD, d);
        }
        return plainWrite(d, ptr & ~7L, value);
    }

    /** The frame is no page table (yet or any more): the guest might as well have written it itself. */
    private int plainWrite(DomainMemory d, long address, long value) {
        int mfn = (int) (address >>> 12);
        int rc = frames.getWithType(mfn, d.owner, FrameTable.WRITABLE);
        if (rc != 0) {
            return rc;
        }
        d.contentChanged(mfn);
        Raw.put64Release(frames.memory.base + address, value);
        frames.putWithType(mfn);
        return 0;
    }
}
