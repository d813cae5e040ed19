package xen.disk.cello;

import xen.disk.shared.Elevator;
import xen.disk.shared.Fifo;
import xen.kernel.api.block.DiskClient;
import xen.kernel.api.block.DiskRequest;
import xen.kernel.api.block.ServiceClass;

/** One client: what waits, its credit of its class's part, and how it behaves. */
final class Share {
    private static final long UNKNOWN_PAUSE = 50_000_000;

    final DiskClient client;
    /** Throughput clients are served in the disk's order, others in their own. */
    private final Elevator sweep = new Elevator(32);
    private final Fifo line = new Fifo();
    /** Its credit, negative when it is in debt; and what it takes in one visit. */
    long left, visit;
    boolean active;
    /** Given to the scheduled queue or the disk and not yet done. */
    int underWay;
    /** Real time: when the next request is due by the rate that was admitted. */
    long nextRelease = Long.MIN_VALUE / 2;
    /** When it last had nothing under way, and how long it usually takes until it asks again. */
    long idleSince;
    long pause = UNKNOWN_PAUSE;
    /** What a request of it usually takes at the disk. */
    long service;

    Share(DiskClient client) { this.client = client; }

    int waiting() { return sweep.size() + line.size(); }

    void add(DiskRequest r, long now) {
        if (!busy()) {
            pause += (Math.min(now - idleSince, UNKNOWN_PAUSE) - pause) / 4;
        }
        if (throughput()) {
            sweep.add(r);
        } else {
            line.add(r);
        }
    }

    DiskRequest peek() {
        DiskRequest r = line.peek();
        return r != null ? r : sweep.peek();
    }

    DiskRequest poll() {
        DiskRequest r = line.poll();
        return r != null ? r : sweep.poll();
    }

    void done(long now, long serviceNanos) {
        underWay = Math.max(0, underWay - 1);
        service += (serviceNanos - service) / 4;
        if (!busy()) {
            idleSince = now;
        }
    }

    /** It wants the disk now. */
    boolean busy() { return waiting() > 0 || underWay > 0; }

    boolean throughput() { return client.serviceClass() == ServiceClass.THROUGHPUT; }
}
