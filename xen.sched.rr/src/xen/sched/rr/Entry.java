package xen.sched.rr;

import xen.kernel.api.domain.Vcpu;
import xen.sched.shared.Boost;
import xen.sched.shared.CapBudget;

/** What the scheduler remembers of a vCPU while it has to: its place in a queue and what it used of its cap in the present period. */
final class Entry {
    final Vcpu vcpu;
    /** Links of the queue that holds it; {@link #queue} null = running, parked or blocked. */
    Entry previous, next;
    RunQueue queue;
    /** The round in which it has its next turn. */
    long round;
    /** Its pCPU in static mode, or -1. */
    int home = -1;
    final Boost boost = new Boost();
    /** Goes before others now. */
    boolean boosted;
    /** What remains of a slice that was cut short; 0 = nothing. */
    long left;
    /** The slice of its present run, and when that began. */
    long granted, since;
    final CapBudget cap = new CapBudget();
    /** pCPU that will look after it when the next period of its cap begins, or -1. */
    int parkedAt = -1;
    boolean active = true;
    /** In the line of those that rest. */
    boolean resting;

    Entry(Vcpu vcpu) { this.vcpu = vcpu; }
}
