package xen.kernel.mm;

import java.util.BitSet;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.Core;
import xen.kernel.core.Counters;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;

/**
 * Which pCPUs may hold translations of one domain, and their flushing. Flushes are counted by need: {@code flushes.needed} pCPUs were
 * flushed (of one frame) for a type change, {@code flushes.avoided} were known to hold nothing that old. In real time another pCPU is
 * stopped between two instructions for its flush, so that afterwards no old translation is in use. Calls under the core's lock.
 */
final class DomainTlb {
    private static final int LATE = 64;

    private final DomainImpl domain;
    private final TlbClock clock;
    private final AddressSpaces spaces;
    private final BitSet dirty = new BitSet();
    /** By pCPU: frames to be forgotten there before the next flush or change of root of a vCPU is done; null = none. */
    private final int[][] late;
    private final int[] lateCount;
    private final Counters.Counter needed, avoided, kernelKept, kernelNew;

    DomainTlb(DomainImpl domain, TlbClock clock, AddressSpaces spaces) {
        this.domain = domain;
        this.clock = clock;
        this.spaces = spaces;
        late = new int[domain.core.pcpus()][];
        lateCount = new int[late.length];
        kernelKept = domain.counters.of("spaces.kernel-kept");
        kernelNew = domain.counters.of("spaces.kernel-new");
        needed = domain.counters.of("flushes.needed");
        avoided = domain.counters.of("flushes.avoided");
    }

    private Core core() { return domain.core; }

    boolean dirtyOn(int pcpu) { return dirty.get(pcpu); }

    void markDirty(int pcpu) {
        if (!dirty.get(pcpu)) {
            dirty.set(pcpu);
        }
    }

    private interface OnPcpu {
        void run(int pcpu);
    }

    private void on(int pcpu, OnPcpu action) {
        if (core().clock.isVirtual()) {
            action.run(pcpu);
            return;
        }
        BitSet one = new BitSet();
        one.set(pcpu);
        core().dispatcher.onAllPcpus(one, action::run);
    }

    /** pCPU that may hold a vCPU's translations, or -1: it never ran. */
    private static int place(VcpuImpl v) {
        int p = v.sched.pcpu();
        return p >= 0 ? p : v.lastPcpu();
    }

    /** Drops the translations of one vCPU that the tables do not bear out any more. */
    void flushVcpu(VcpuImpl v) { spaceChanged(v, v.context.get64(VcpuContext.KERNEL_ROOT)); }

    /** One of the vCPU's roots is another now, the kernel's was {@code oldRoot}. */
    void spaceChanged(VcpuImpl v, long oldRoot) {
        int keep = spaces.kept(v, oldRoot);
        long name = spaces.userSpace(v);
        (keep != 0 ? kernelKept : kernelNew).value++;
        int place = place(v);
        if (place < 0) {
            return;
        }
        if (core().dispatcher.drives(place)) {
            spaceChanged(v, place, keep, name);
        } else {
            on(place, p -> spaceChanged(v, p, keep, name));
        }
    }

    private void spaceChanged(VcpuImpl v, int pcpu, int keep, long name) {
        for (int i = 0; i < lateCount[pcpu]; i++) {
            core().cpu(pcpu).forgetFrame(late[pcpu][i]);
        }
        lateCount[pcpu] = 0;
        core().cpu(pcpu).spaceChanged(v.context, keep, name);
    }

    /**
     * An entry of the guest kernel's half does not lead to this frame any more (or with fewer rights): until a vCPU's next flush nothing
     * of that may be left where it runs.
     */
    void dropSoon(int mfn) {
        for (int p = dirty.nextSetBit(0); p >= 0; p = dirty.nextSetBit(p + 1)) {
            if (core().dispatcher.drives(p)) {
                core().cpu(p).forgetFrame(mfn);
            } else {
                dropLate(p, mfn);
            }
        }
    }

    private void dropLate(int p, int mfn) {
        if (late[p] == null) {
            late[p] = new int[LATE];
        }
        if (lateCount[p] == LATE) {
            spaces.lostUpper();
            lateCount[p] = 0;
        }
        late[p][lateCount[p]++] = mfn;
    }

    /** The frame is not mapped any more where it was, and no pCPU may still lead there: it is another domain's, or a grant. */
    void dropNow(int mfn) {
        for (int p = dirty.nextSetBit(0); p >= 0; p = dirty.nextSetBit(p + 1)) {
            forgetOn(p, mfn);
        }
    }

    /** Drops the translations of one page for one vCPU. */
    void flushPage(VcpuImpl v, long va) {
        int place = place(v);
        if (place >= 0) {
            on(place, p -> core().cpu(p).flushPage(v.context, va));
        }
    }

    private void flushPcpu(int pcpu) {
        on(pcpu, p -> core().cpu(p).flushAll());
        clock.flushed(pcpu);
    }

    /** Drops this domain's translations on every pCPU that may hold some. */
    void flushDomain() {
        for (int p = dirty.nextSetBit(0); p >= 0; p = dirty.nextSetBit(p + 1)) {
            flushPcpu(p);
            cleanIfAway(p);
        }
    }

    private void forgetOn(int p, int mfn) {
        if (core().dispatcher.drives(p)) {
            core().cpu(p).forgetFrame(mfn);
        } else if (away(p)) {
            // once, and then it need not be stopped again
            flushPcpu(p);
            dirty.clear(p);
        } else {
            on(p, q -> core().cpu(q).forgetFrame(mfn));
        }
    }

    /** The pCPU runs none of the domain's vCPUs. */
    private boolean away(int p) {
        for (VcpuImpl v : domain.vcpus()) {
            if (v.sched.pcpu() == p) {
                return false;
            }
        }
        return true;
    }

    /** After a flush such a pCPU has nothing of the domain. */
    private void cleanIfAway(int p) {
        if (away(p)) {
            dirty.clear(p);
        }
    }

    /** A frame of this domain, last used otherwise at {@code stamp}, changes its type: it is forgotten where a translation may be older. */
    void flushStale(int mfn, int stamp) {
        if (stamp == TlbClock.NEVER) {
            return;
        }
        for (int p = dirty.nextSetBit(0); p >= 0; p = dirty.nextSetBit(p + 1)) {
            if (clock.stale(p, stamp)) {
                forgetOn(p, mfn);
                needed.value++;
            } else {
                avoided.value++;
            }
        }
    }

    /** Frames that may have belonged to any domain come into use here. */
    void flushEverywhere(int stamp) {
        if (stamp == TlbClock.NEVER || core().board() == null) {
            return;
        }
        for (int p = 0; p < core().pcpus(); p++) {
            if (clock.stale(p, stamp)) {
                flushPcpu(p);
                needed.value++;
            } else {
                avoided.value++;
            }
        }
    }
}
