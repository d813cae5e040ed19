package xen.sched.credit;

import xen.kernel.api.domain.Vcpu;
import xen.sched.shared.CapBudget;
import xen.sched.shared.Fifo;

/** A vCPU as this policy knows it. */
final class Entry extends Fifo.Link<Entry> {
    /** Queue order: woken and within its credits; within its credits; over them. */
    static final int BOOST = 0, UNDER = 1, OVER = 2;

    final Vcpu vcpu;
    final int number;
    final CapBudget cap = new CapBudget();
    /** Nanoseconds that it may run before it is over, as of {@link #seen}. */
    long credit;
    /** What {@link Accounts} had handed out when the credits were brought up to date. */
    long seen;
    /** Weight that counts in the accounts, or 0: takes no part. */
    int weight;
    int priority = UNDER;
    /** What the accounts must have handed out for it to be within its credits again; the order of those that are over. */
    long ripe;
    /** pCPU in whose queue it waits, -1 = none. */
    int queue = -1;
    /** pCPU that will look after it when the next period of its cap begins, or -1. */
    int parkedAt = -1;
    boolean active = true;
    /** In the line of those that rest. */
    boolean resting;

    Entry(Vcpu vcpu, int number) {
        this.vcpu = vcpu;
        this.number = number;
    }

    static int byRipeness(Entry a, Entry b) { return a.ripe != b.ripe ? Long.compare(a.ripe, b.ripe) : Integer.compare(a.number, b.number); }
}
