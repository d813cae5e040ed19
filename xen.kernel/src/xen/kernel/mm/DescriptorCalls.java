package xen.kernel.mm;

import xen.kernel.api.hw.Raw;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.hypercall.HypercallFrame;

/** set_gdt (2) and update_descriptor (10). */
final class DescriptorCalls {
    private final FrameTable frames;

    DescriptorCalls(FrameTable frames) { this.frames = frames; }

    /** (frame list, entries). */
    long setGdt(HypercallFrame c) {
        int entries = (int) c.arg(1);
        if (entries < 0 || entries > Descriptors.FIRST_RESERVED) {
            return -Errno.EINVAL;
        }
        long[] mfns = new long[(entries + Descriptors.PER_PAGE - 1) / Descriptors.PER_PAGE];
        for (int i = 0; i < mfns.length; i++) {
            mfns[i] = c.get64(c.arg(0) + i * 8L);
        }
        return c.vcpu().descriptors.setGdt(mfns, entries);
    }

    /** (machine address, descriptor): into a descriptor page in force, or a frame that the guest may write anyway. */
    long update(HypercallFrame c) {
        long address = c.arg(0);
        long value = c.arg(1);
        long mfn = address >>> 12;
        DomainMemory d = c.domain().memory;
        if ((address & 7) != 0 || !d.owns(mfn) || !Descriptors.acceptable(value)) {
            return -Errno.EINVAL;
        }
        boolean inForce = frames.type((int) mfn) == FrameTable.SEGDESC && frames.typeCount((int) mfn) != 0;
        if (frames.getWithType(mfn, d.owner, inForce ? FrameTable.SEGDESC : FrameTable.WRITABLE) != 0) {
            return -Errno.EINVAL;
        }
        d.contentChanged((int) mfn);
        Raw.put64Release(frames.memory.base + address, Descriptors.fixedUp(value));
        frames.putWithType((int) mfn);
        return 0;
    }
}
