package xen.disk.shared;

import xen.kernel.api.block.DiskRequest;

/** First in, first out, through {@link DiskRequest#next}. */
public final class Fifo {
    private DiskRequest head, tail;
    private int size;

    public int size() { return size; }

    public DiskRequest peek() { return head; }

    public void add(DiskRequest r) {
        r.next = null;
        if (head == null) {
            head = r;
        } else {
            tail.next = r;
        }
        tail = r;
        size++;
    }

    public DiskRequest poll() {
        DiskRequest r = head;
        if (r != null) {
            head = r.next;
            r.next = null;
            size--;
        }
        return r;
    }
}
