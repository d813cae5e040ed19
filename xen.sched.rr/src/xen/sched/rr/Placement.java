package xen.sched.rr;

import java.util.BitSet;
import java.util.function.IntPredicate;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.hw.Topology;

/** Near and far on the machine: where a woken vCPU goes, and whose queue an idle pCPU looks into first. */
final class Placement {
    /** Levels of nearness: the core's threads, the socket's, the machine's. */
    static final int SIBLING = 0, SOCKET = 1, REMOTE = 2;

    private final Topology topology;
    private final int pcpus;
    /** Where a vCPU that never ran begins to look, so that a start-up crowd spreads. */
    private int turn;

    Placement(Topology topology) {
        this.topology = topology;
        pcpus = topology.pcpus();
    }

    /** First set bit that fits, in the core, the socket, the machine of {@code from}; each searched upwards from {@code from}. */
    int nearest(BitSet set, int from, IntPredicate fits) {
        for (int level = SIBLING; level <= REMOTE; level++) {
            int start = start(level, from);
            int end = start + span(level);
            for (int p = set.nextSetBit(from); p >= 0 && p < end; p = set.nextSetBit(p + 1)) {
                if (fits.test(p)) {
                    return p;
                }
            }
            for (int p = set.nextSetBit(start); p >= 0 && p < from; p = set.nextSetBit(p + 1)) {
                if (fits.test(p)) {
                    return p;
                }
            }
        }
        return -1;
    }

    int level(int a, int b) {
        return topology.coreOf(a) == topology.coreOf(b) ? SIBLING : topology.socketOf(a) == topology.socketOf(b) ? SOCKET : REMOTE;
    }

    private int span(int level) {
        return level == SIBLING ? topology.threads() : level == SOCKET ? topology.threads() * topology.cores() : pcpus;
    }

    private int start(int level, int p) { return p / span(level) * span(level); }

    /**
     * An idle pCPU for {@code v}: one whose whole core is idle before one with a busy sibling, and in each case where it ran last or
     * near that.
     *
     * @return -1 when none that it may use is idle
     */
    int idleFor(Vcpu v, BitSet idle) {
        if (idle.isEmpty()) {
            return -1;
        }
        int from = home(v);
        int whole = nearest(idle, from, p -> v.mayRunOn(p) && coreIdle(p, idle));
        return whole >= 0 ? whole : nearest(idle, from, v::mayRunOn);
    }

    private boolean coreIdle(int p, BitSet idle) {
        int start = start(SIBLING, p);
        return idle.nextClearBit(start) >= start + topology.threads();
    }

    private int home(Vcpu v) {
        int last = v.lastPcpu();
        if (last >= 0 && last < pcpus) {
            return last;
        }
        turn = (turn + 1) % pcpus;
        return turn;
    }

    /** Static mode: pCPUs are dealt in turn. */
    int deal(Vcpu v) {
        for (int i = 0; i < pcpus; i++) {
            int p = turn;
            turn = (turn + 1) % pcpus;
            if (v.mayRunOn(p)) {
                return p;
            }
        }
        throw new IllegalArgumentException(v + " may run on no pCPU");
    }

    /** The queue to wait in when nothing is idle: the last pCPU's, or the next that it may use. */
    int queueFor(Vcpu v) {
        int from = home(v);
        for (int i = 0; i < pcpus; i++) {
            int p = (from + i) % pcpus;
            if (v.mayRunOn(p)) {
                return p;
            }
        }
        throw new IllegalArgumentException(v + " may run on no pCPU");
    }
}
