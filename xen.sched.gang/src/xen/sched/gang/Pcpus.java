package xen.sched.gang;

import java.util.BitSet;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.sched.SchedulerHost;

/** The pCPUs of the pool: which of them is idle, and which one suits a vCPU. Under the pool's lock. */
final class Pcpus {
    final int[] all;
    private final SchedulerHost host;
    /** pCPUs that found nothing and were not asked to look since. */
    private final BitSet idle = new BitSet();

    Pcpus(SchedulerHost host) {
        this.host = host;
        all = host.pcpus();
        for (int p : all) {
            idle.set(p, host.idle(p));
        }
    }

    /** Idle or not, it is to look. */
    void ask(int p) {
        idle.clear(p);
        host.kick(p);
    }

    /** It looked; {@code nothing} = and found nobody. */
    void idle(int p, boolean nothing) { idle.set(p, nothing); }

    /** An idle one for the vCPU: where it ran last, else one whose whole core is idle, else any; -1: none. */
    int idleFor(Vcpu v) {
        int last = v.lastPcpu();
        if (last >= 0 && idle.get(last) && v.mayRunOn(last)) {
            return last;
        }
        int any = -1;
        int threads = host.topology().threads();
        for (int p = idle.nextSetBit(0); p >= 0; p = idle.nextSetBit(p + 1)) {
            if (v.mayRunOn(p)) {
                int core = p - p % threads;
                if (idle.nextClearBit(core) >= core + threads) {
                    return p;
                }
                any = any < 0 ? p : any;
            }
        }
        return any;
    }

    /** Some pCPU that the vCPU may run on, idle or not. */
    int any(Vcpu v) {
        int last = v.lastPcpu();
        if (last >= 0 && v.mayRunOn(last)) {
            return last;
        }
        for (int p : all) {
            if (v.mayRunOn(p)) {
                return p;
            }
        }
        throw new IllegalArgumentException(v + " may run on no pCPU");
    }
}
