package xen.disk.peers;

import org.osgi.service.component.annotations.Component;
import xen.disk.shared.ByClient;
import xen.disk.shared.RequestHeap;
import xen.kernel.api.block.DiskClient;
import xen.kernel.api.block.DiskHost;
import xen.kernel.api.block.DiskRequest;
import xen.kernel.api.block.DiskScheduler;
import xen.kernel.api.block.DiskSchedulerFactory;

/**
 * Start-time fair queueing with a depth (Jin, Chase, Kaur, SIGMETRICS 2004): a request starts at max(virtual time, its client's last
 * finish) and finishes its size over the weight later; smallest start first, at most D at the disk. Virtual time is the start of the last
 * one given out.
 */
final class Sfq implements DiskScheduler {
    /** The service. */
    @Component(property = "xen.disk.scheduler=sfq")
    public static final class Factory implements DiskSchedulerFactory {
        @Override public DiskScheduler create() { return new Sfq(DEPTH); }
    }

    static final int DEPTH = 8;
    private static final long SCALE = 1 << 16;

    private static final class Flow {
        long finish;
    }

    private final int depth;
    private final ByClient<Flow> flows = new ByClient<>((DiskClient c) -> new Flow());
    private final RequestHeap heap = new RequestHeap();
    private DiskHost host;
    private long virtual;

    Sfq(int depth) { this.depth = depth; }

    @Override public void start(DiskHost h) {
        host = h;
        flows.clear();
        heap.clear();
        virtual = 0;
    }

    @Override public void add(DiskRequest r) {
        Flow f = flows.get(r.client);
        r.key = Math.max(virtual, f.finish);
        f.finish = r.key + Math.max(1, r.sectors) * SCALE / r.client.weight();
        heap.add(r);
    }

    @Override public DiskRequest next(long now) {
        if (host.outstanding() >= depth) {
            return null;
        }
        DiskRequest r = heap.poll();
        if (r != null) {
            virtual = r.key;
        }
        return r;
    }
}
