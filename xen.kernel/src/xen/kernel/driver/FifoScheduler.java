package xen.kernel.driver;

import xen.kernel.api.block.DiskHost;
import xen.kernel.api.block.DiskRequest;
import xen.kernel.api.block.DiskScheduler;

/** The core's own: first in, first out. */
final class FifoScheduler implements DiskScheduler {
    private DiskRequest head, tail;

    @Override public void start(DiskHost host) { head = tail = null; }

    @Override public void add(DiskRequest r) {
        r.next = null;
        if (head == null) {
            head = r;
        } else {
            tail.next = r;
        }
        tail = r;
    }

    @Override public DiskRequest next(long now) {
        DiskRequest r = head;
        if (r != null) {
            head = r.next;
        }
        return r;
    }
}
