package xen.kernel.mm;

import static xen.kernel.api.control.DomainImage.GIVEN_BACK;
import static xen.kernel.api.control.DomainImage.LEVEL;
import static xen.kernel.api.control.DomainImage.PINNED;
import static xen.kernel.api.control.DomainImage.SPECIAL;

import xen.kernel.api.control.DomainImage;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.hypercall.Errno;

/** Frames of a domain for its image, and from one. Under the core's lock; the domain does not run. */
public final class FrameImage {
    private FrameImage() {}

    /** An image that has frames and nothing else. */
    public static DomainImage of(DomainMemory d, int vcpus, boolean settled, byte[] state) {
        FrameTable f = d.frames;
        long[] mfns = new long[d.held], pfns = new long[d.held];
        byte[] kinds = new byte[d.held];
        int n = 0;
        for (int mfn = 0; mfn < f.memory.frames && n < mfns.length; mfn++) {
            if (f.owner(mfn) == d.owner) {
                mfns[n] = mfn;
                pfns[n] = f.m2p.get(mfn);
                int type = f.type(mfn);
                boolean table = type >= FrameTable.L1 && type <= FrameTable.L4 && f.typeCount(mfn) != 0;
                kinds[n++] = (byte) ((table ? type : 0) | (f.pinned(mfn) ? PINNED : 0) | (f.special(mfn) ? SPECIAL : 0) | (f.allocated(mfn) ? 0 : GIVEN_BACK));
            }
        }
        return new DomainImage(d.domain.id(), vcpus, d.sharedInfoMfn(), mfns, pfns, kinds, settled, state);
    }

    /** Gives the domain frames for the image: the same ones when all are free. @return their numbers in the image's order */
    public static long[] take(DomainMemory d, DomainImage image) {
        FrameTable f = d.frames;
        int n = image.mfns().length, ordinary = 0, taken = -1;
        for (int i = 0; i < n; i++) {
            long mfn = image.mfns()[i];
            if (mfn < 1 || mfn >= 1 << 28 || i > 0 && mfn <= image.mfns()[i - 1]) {
                throw new HypervisorException(Errno.EINVAL, "the snapshot's list of frames is damaged: " + mfn + " at place " + i);
            }
            ordinary += (image.kinds()[i] & SPECIAL) == 0 ? 1 : 0;
            if (taken < 0 && (!f.memory.valid(mfn) || !f.isFree((int) mfn))) {
                taken = i;
            }
        }
        if (!d.mayTake(ordinary) || n - ordinary > 65) {
            throw new HypervisorException(Errno.EINVAL, "the snapshot has " + ordinary + " frames, and " + (n - ordinary) + " of the hypervisor's; the domain may have "
                    + d.maxPages() + " and 65");
        }
        if (f.free() < n) {
            throw new HypervisorException(Errno.ENOMEM, "the machine has " + f.free() + " free frames, the snapshot needs " + n
                    + ": give the machine more memory or end a domain");
        }
        if (taken >= 0 && !image.settled()) {
            throw new HypervisorException(Errno.EBUSY, conflict(f, image.mfns()[taken])
                    + ", and the guest was in the middle of something when it was saved, so that its frames cannot get other numbers: restore it into a machine"
                    + " that has nothing else, or save it again when it is idle");
        }
        d.restored();
        long[] mfns = new long[n];
        for (int i = 0; i < n; i++) {
            boolean special = (image.kinds()[i] & SPECIAL) != 0;
            mfns[i] = image.mfns()[i];
            if (taken < 0) {
                f.allocateAt(d, (int) mfns[i], special);
            } else {
                mfns[i] = f.allocate(d, 0, special);
            }
            if (special) {
                f.getWithType(mfns[i], d.owner, FrameTable.WRITABLE);
            }
        }
        return mfns;
    }

    private static String conflict(FrameTable f, long mfn) {
        if (!f.memory.valid(mfn)) {
            return "the snapshot has frame 0x" + Long.toHexString(mfn) + ", the machine ends at 0x" + Integer.toHexString(f.memory.frames);
        }
        int owner = f.owner((int) mfn);
        return "frame 0x" + Long.toHexString(mfn) + " of the snapshot is in use by " + (owner == FrameTable.HYPERVISOR ? "the hypervisor" : "domain " + (owner - 1));
    }

    /** What is known of the frames is told, and pinned tables are pinned: with the validation that a guest's own pin gets. */
    public static void describe(DomainMemory d, DomainImage image, long[] mfns) {
        for (int i = 0; i < mfns.length; i++) {
            d.frames.m2p.set(mfns[i], image.pfns()[i]);
            // never written by the tool that filled them in, but perhaps decoded before
            d.contentChanged((int) mfns[i]);
        }
        for (int i = 0; i < mfns.length; i++) {
            int kind = image.kinds()[i], level = kind & LEVEL;
            if ((kind & PINNED) == 0) {
                continue;
            }
            int rc = level < 1 || level > 4 || (kind & SPECIAL) != 0 ? -Errno.EINVAL : d.frames.pin(mfns[i], d.owner, level);
            if (rc != 0) {
                throw new HypervisorException(-rc, "frame 0x" + Long.toHexString(image.mfns()[i]) + " of the snapshot is to be a pinned page table of level " + level
                        + ", but it does not hold one: the file is damaged or was made up; save the domain again");
            }
        }
    }

    /** Frames that the guest had given back while something still referred to them; when everything that refers is there again. */
    public static void giveBack(DomainMemory d, DomainImage image, long[] mfns) {
        for (int i = 0; i < mfns.length; i++) {
            if ((image.kinds()[i] & (GIVEN_BACK | SPECIAL)) == GIVEN_BACK) {
                d.frames.deallocate((int) mfns[i]);
            }
        }
    }
}
