package xen.kernel.mm;

import java.util.BitSet;
import xen.kernel.core.Core;
import xen.kernel.core.Counters;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;

/**
 * Which pCPUs may hold translations of one domain, and their flushing. Flushes are counted by need: {@code flushes.needed} pCPUs were
 * flushed for a type change, {@code flushes.avoided} were known to hold nothing that old. In real time another pCPU is stopped between
 * two instructions for its flush, so that afterwards no old translation is in use. Calls under the core's lock.
 */
final class DomainTlb {
    private final DomainImpl domain;
    private final TlbClock clock;
    private final BitSet dirty = new BitSet();
    /** Stamp of each vCPU's last own flush; all its translations are younger. */
    private final int[] vcpuFlush;
    private final Counters.Counter needed, avoided;

    DomainTlb(DomainImpl domain, TlbClock clock) {
        this.domain = domain;
        this.clock = clock;
        vcpuFlush = new int[domain.config.vcpus()];
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

    /** Drops all translations of one vCPU. */
    void flushVcpu(VcpuImpl v) {
        int place = place(v);
        if (place >= 0) {
            on(place, p -> core().cpu(p).rootChanged(v.context));
        }
        vcpuFlush[v.id()] = clock.flushedPart();
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

    /** After a flush a pCPU that runs none of the domain's vCPUs has nothing of it. */
    private void cleanIfAway(int p) {
        for (VcpuImpl v : domain.vcpus()) {
            if (v.sched.pcpu() == p) {
                return;
            }
        }
        dirty.clear(p);
    }

    /** A frame of this domain, last used otherwise at {@code stamp}, changes its type: flush where a translation may be older. */
    void flushStale(int stamp) {
        if (stamp == TlbClock.NEVER) {
            return;
        }
        boolean vcpuStale = false;
        for (int s : vcpuFlush) {
            vcpuStale |= s <= stamp;
        }
        for (int p = dirty.nextSetBit(0); p >= 0; p = dirty.nextSetBit(p + 1)) {
            if (vcpuStale && clock.stale(p, stamp)) {
                flushPcpu(p);
                needed.value++;
                cleanIfAway(p);
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
