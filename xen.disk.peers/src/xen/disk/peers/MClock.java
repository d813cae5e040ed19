package xen.disk.peers;

import org.osgi.service.component.annotations.Component;
import xen.disk.shared.ByClient;
import xen.disk.shared.Fifo;
import xen.kernel.api.block.DiskClient;
import xen.kernel.api.block.DiskHost;
import xen.kernel.api.block.DiskRequest;
import xen.kernel.api.block.DiskScheduler;
import xen.kernel.api.block.DiskSchedulerFactory;

/**
 * mClock (Gulati, Merchant, Varman, OSDI 2010): each client has a reservation r (requests a second) and a weight w. Tags of its next
 * request: R = max(R' + 1/r, t), P = max(P' + 1/w, least P). Reservations that are due go first, smallest R; then smallest P; who was
 * served by weight has its reservation tag moved back. The paper's limit tags are not here: the core keeps limits for every scheduler.
 */
final class MClock implements DiskScheduler {
    /** The service. */
    @Component(property = "xen.disk.scheduler=mclock")
    public static final class Factory implements DiskSchedulerFactory {
        @Override public DiskScheduler create() { return new MClock(); }
    }

    private static final long SECOND = 1_000_000_000L, NEVER = Long.MAX_VALUE / 4, SHARE = 1 << 20;

    private static final class Flow {
        final DiskClient client;
        final Fifo waiting = new Fifo();
        long r = -NEVER, p;

        Flow(DiskClient client) { this.client = client; }

        /** Tags of the head. */
        void tag(long now, long leastShare) {
            int reserved = client.reservation();
            r = reserved == 0 ? NEVER : Math.max(r == NEVER ? now : r + SECOND / reserved, now);
            p = Math.max(p + SHARE / client.weight(), leastShare);
        }
    }

    private final ByClient<Flow> flows = new ByClient<>(Flow::new);
    private int waiting;
    private long share;

    @Override public void start(DiskHost h) {
        flows.clear();
        waiting = 0;
        share = 0;
    }

    @Override public void add(DiskRequest r) {
        Flow f = flows.get(r.client);
        f.waiting.add(r);
        waiting++;
        if (f.waiting.size() == 1) {
            f.tag(r.arrived, share);
        }
    }

    @Override public DiskRequest next(long now) {
        if (waiting == 0) {
            return null;
        }
        Flow due = null, best = null;
        for (Flow f : flows.all()) {
            if (f.waiting.size() == 0) {
                continue;
            }
            if (f.r <= now && (due == null || f.r < due.r)) {
                due = f;
            }
            if (best == null || f.p < best.p) {
                best = f;
            }
        }
        Flow f = due != null ? due : best;
        waiting--;
        DiskRequest q = f.waiting.poll();
        if (due == null) {
            share = f.p;
            f.r -= f.client.reservation() == 0 ? 0 : SECOND / f.client.reservation();
        }
        if (f.waiting.size() > 0) {
            f.tag(now, share);
        }
        return q;
    }
}
