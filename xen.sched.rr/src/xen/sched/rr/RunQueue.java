package xen.sched.rr;

/** A pCPU's first-in-first-out queue of waiting vCPUs, linked through the entries: every operation takes constant time. */
final class RunQueue {
    final int pcpu;
    private Entry first, last;
    private int size;

    RunQueue(int pcpu) { this.pcpu = pcpu; }

    int size() { return size; }

    Entry first() { return first; }

    void add(Entry e) {
        e.queue = this;
        e.previous = last;
        e.next = null;
        if (last == null) {
            first = e;
        } else {
            last.next = e;
        }
        last = e;
        size++;
    }

    /** Before the others, but behind boosted ones. */
    void addEarly(Entry e) {
        Entry after = null;
        for (Entry f = first; f != null && f.boosted; f = f.next) {
            after = f;
        }
        Entry before = after == null ? first : after.next;
        e.queue = this;
        e.previous = after;
        e.next = before;
        if (after == null) {
            first = e;
        } else {
            after.next = e;
        }
        if (before == null) {
            last = e;
        } else {
            before.previous = e;
        }
        size++;
    }

    void remove(Entry e) {
        if (e.previous == null) {
            first = e.next;
        } else {
            e.previous.next = e.next;
        }
        if (e.next == null) {
            last = e.previous;
        } else {
            e.next.previous = e.previous;
        }
        e.previous = null;
        e.next = null;
        e.queue = null;
        size--;
    }
}
