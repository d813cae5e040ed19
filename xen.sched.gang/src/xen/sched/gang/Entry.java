package xen.sched.gang;

import xen.kernel.api.domain.Vcpu;
import xen.sched.shared.Boost;
import xen.sched.shared.CapBudget;

/** A vCPU as this policy knows it. */
final class Entry {
    final Vcpu vcpu;
    final int number;
    final CapBudget cap = new CapBudget();
    final Boost boost = new Boost();
    Gang gang;
    /** Time it ran, divided by its weight; for a vCPU that slept, never less than its gang had when it woke. */
    long progress;
    /** Could run: waits to be picked, or runs. */
    boolean ready;
    /** Waits to be picked. */
    boolean queued;
    /** pCPU that will look after it when the next period of its cap begins, or -1. */
    int parkedAt = -1;
    /** pCPU that runs it, or -1. */
    int pcpu = -1;
    /** Column that the present row gives it, or -1. */
    int column = -1;
    /** pCPU where it goes before the column's member for a moment, or -1. */
    int boostedAt = -1;
    /** Its present run is such a moment. */
    boolean boosted;
    /** Waits without a column though its gang is in the row; and its gang's time when that began. */
    boolean stranded;
    long need;
    /** Relaxed: so far ahead of a sibling that it waits for it. */
    boolean stopped;
    /** In the line of those that rest. */
    boolean resting;

    Entry(Vcpu vcpu, int number) {
        this.vcpu = vcpu;
        this.number = number;
    }

    static int byNeed(Entry a, Entry b) { return a.need != b.need ? Long.compare(a.need, b.need) : Integer.compare(a.number, b.number); }
}
