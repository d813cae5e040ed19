package xen.disk.rr;

import xen.disk.shared.ByClient;
import xen.disk.shared.Elevator;
import xen.disk.shared.Fifo;
import xen.kernel.api.block.DiskClient;
import xen.kernel.api.block.DiskHost;
import xen.kernel.api.block.DiskRequest;
import xen.kernel.api.block.DiskScheduler;

/**
 * Up to 16 requests of each client in turn go into a window of at most 64, and from there to the disk in the order of an elevator
 * (Barham et al., Xen and the Art of Virtualization, SOSP 2003). Knows no weights: a client's share is what its requests are.
 */
final class BatchRoundRobin implements DiskScheduler {
    static final int BATCH = 16, WINDOW = 64;

    private static final class Queue {
        final Fifo waiting = new Fifo();
    }

    private final ByClient<Queue> clients = new ByClient<>((DiskClient c) -> new Queue());
    private final Elevator window = new Elevator();
    private DiskHost host;
    private int waiting, turn;

    @Override public void start(DiskHost h) {
        host = h;
        clients.clear();
        window.clear();
        waiting = turn = 0;
    }

    @Override public void add(DiskRequest r) {
        clients.get(r.client).waiting.add(r);
        waiting++;
    }

    @Override public DiskRequest next(long now) {
        // a batch is worked off before the next is collected, or a stream could keep the elevator for itself
        int room = window.size() > 0 ? 0 : WINDOW - host.outstanding();
        while (waiting > 0 && room > 0) {
            turn = (turn + 1) % clients.all().size();
            Fifo q = clients.all().get(turn).waiting;
            for (int n = 0; n < BATCH && room > 0 && q.size() > 0; n++, room--) {
                window.add(q.poll());
                waiting--;
            }
        }
        return window.poll();
    }
}
