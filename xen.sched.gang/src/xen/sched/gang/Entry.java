package xen.sched.gang;

import xen.kernel.api.domain.Vcpu;
import xen.sched.shared.CapBudget;

/** A vCPU as this policy knows it. */
final class Entry implements Comparable<Entry> {
    final Vcpu vcpu;
    final int number;
    final CapBudget cap = new CapBudget();
    Gang gang;
    /** Time it ran, divided by its weight; for a vCPU that slept, never less than its gang had when it woke. */
    long progress;
    /** Waits to be picked. */
    boolean queued;
    boolean parked;
    /** Runnable: queued, parked or running. */
    boolean active;
    /** pCPU that runs it, or -1. */
    int pcpu = -1;
    /** Column that the present row gives it, or -1. */
    int column = -1;
    /** Relaxed: so far ahead of a sibling that it waits for it. */
    boolean stopped;

    Entry(Vcpu vcpu, int number) {
        this.vcpu = vcpu;
        this.number = number;
    }

    /** Its gang's time when it began to wait: the order of alternates. */
    private long due;

    void waits() { due = gang.time; }

    @Override public int compareTo(Entry o) {
        int c = Long.compare(due, o.due);
        c = c != 0 ? c : Long.compare(progress, o.progress);
        return c != 0 ? c : Integer.compare(number, o.number);
    }

    boolean ready() { return active && !parked; }
}
