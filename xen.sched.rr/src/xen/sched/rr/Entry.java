package xen.sched.rr;

import xen.kernel.api.domain.Vcpu;

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
    boolean parked;
    boolean active = true;
    /** Number of the cap period that {@link #used} counts in; -1 = not known yet. */
    long period = -1;
    long used;

    Entry(Vcpu vcpu) { this.vcpu = vcpu; }
}
