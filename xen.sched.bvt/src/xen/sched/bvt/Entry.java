package xen.sched.bvt;

import xen.kernel.api.domain.Vcpu;
import xen.sched.shared.CapBudget;

/** A vCPU as this policy knows it. Virtual times are nanoseconds that a vCPU of weight 256 would have run. */
final class Entry {
    final Vcpu vcpu;
    final int number;
    final CapBudget cap = new CapBudget();
    /** Actual virtual time. */
    long avt;
    /** Effective virtual time as it queues: less the warp. */
    long evt;
    boolean queued;
    /** pCPU that will look after it when the next period of its cap begins, or -1. */
    int parkedAt = -1;
    boolean active = true;
    /** In the line of those that rest. */
    boolean resting;
    /** Woke up and may run warped until it has used its warp up. */
    long warpLeft;
    /** pCPU and start of its present run. */
    int pcpu = -1;
    long since;

    Entry(Vcpu vcpu, int number) {
        this.vcpu = vcpu;
        this.number = number;
    }

    static int byEffective(Entry a, Entry b) { return a.evt != b.evt ? Long.compare(a.evt, b.evt) : Integer.compare(a.number, b.number); }

    static int byActual(Entry a, Entry b) { return a.avt != b.avt ? Long.compare(a.avt, b.avt) : Integer.compare(a.number, b.number); }
}
