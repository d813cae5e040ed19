package xen.sched.credit;

import xen.kernel.api.domain.Vcpu;
import xen.sched.shared.CapBudget;

/** A vCPU as this policy knows it. */
final class Entry {
    /** Queue order: woken and within its credits; within its credits; over them. */
    static final int BOOST = 0, UNDER = 1, OVER = 2;

    final Vcpu vcpu;
    final CapBudget cap = new CapBudget();
    /** Nanoseconds it may run before it is over. */
    long credit;
    int priority = UNDER;
    /** pCPU in whose queue it waits, -1 = none. */
    int queue = -1;
    boolean parked;
    boolean active = true;
    /** It ran or waited since the last accounting, and so takes part in the next. */
    boolean asks;

    Entry(Vcpu vcpu) { this.vcpu = vcpu; }

    void sort() { priority = credit >= 0 ? UNDER : OVER; }
}
