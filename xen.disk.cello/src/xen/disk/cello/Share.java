package xen.disk.cello;

import xen.disk.shared.Elevator;
import xen.disk.shared.Fifo;
import xen.kernel.api.block.DiskClient;
import xen.kernel.api.block.DiskRequest;
import xen.kernel.api.block.ServiceClass;

/** One client: what waits, and what it has had of its allocation in the present interval. */
final class Share {
    final DiskClient client;
    /** Throughput clients are served in the disk's order, others in their own. */
    private final Elevator sweep = new Elevator(32);
    private final Fifo line = new Fifo();
    /** Charged in this interval; what was overdrawn stays for the next. */
    long used;
    long allocation;
    boolean active;
    /** Moved and not yet done. */
    int underWay;

    Share(DiskClient client) { this.client = client; }

    int waiting() { return sweep.size() + line.size(); }

    void add(DiskRequest r) {
        if (r.client.serviceClass() == ServiceClass.THROUGHPUT) {
            sweep.add(r);
        } else {
            line.add(r);
        }
    }

    DiskRequest poll() {
        DiskRequest r = line.poll();
        return r != null ? r : sweep.poll();
    }

    /** Place of the next request. */
    long nextLba() {
        DiskRequest r = line.peek() != null ? line.peek() : sweep.peek();
        return r == null ? Long.MAX_VALUE : r.lba;
    }

    /** It wants the disk now. */
    boolean busy() { return waiting() > 0 || underWay > 0; }

    long left() { return allocation - used; }
}
