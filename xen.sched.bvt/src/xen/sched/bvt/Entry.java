package xen.sched.bvt;

import xen.kernel.api.domain.Vcpu;
import xen.sched.shared.CapBudget;

/** A vCPU as this policy knows it. Virtual times are nanoseconds that a vCPU of weight 256 would have run. */
final class Entry implements Comparable<Entry> {
    final Vcpu vcpu;
    final int number;
    final CapBudget cap = new CapBudget();
    /** Actual virtual time. */
    long avt;
    /** Effective virtual time as it queues: less the warp. */
    long evt;
    boolean queued;
    boolean parked;
    boolean active = true;
    /** Woke up and may run warped until it has used its warp up. */
    long warpLeft;
    /** Start of its present run. */
    long since;

    Entry(Vcpu vcpu, int number) {
        this.vcpu = vcpu;
        this.number = number;
    }

    @Override public int compareTo(Entry o) { return evt != o.evt ? Long.compare(evt, o.evt) : Integer.compare(number, o.number); }
}
