package xen.kernel.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import xen.kernel.api.block.BlockBackend;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.BlockOp;
import xen.kernel.api.block.BlockRequest;
import xen.kernel.api.block.DriverFault;
import xen.kernel.api.block.FaultInjection;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.StartKind;
import xen.kernel.api.block.Vbd;
import xen.kernel.api.block.VbdConfig;
import xen.kernel.api.block.kit.RingFront;
import xen.kernel.api.block.kit.SimHost;

/** A block core, a disk in memory, one front end, and a driver whose first instance does what a test tells it. */
final class TestBed implements AutoCloseable {
    static final int PORT = 3;

    final Memory disk = new Memory();
    final SimHost host;
    final BlockControl core;
    final ManagedVbd vbd;
    final RingFront ring;
    final int page;
    final List<String> answers = new ArrayList<>();
    final AtomicInteger instances = new AtomicInteger();
    /** Done by the first instance instead of its work: request, capability. */
    volatile BiConsumer<BlockRequest, BlockDomain> misdeed;
    volatile BiConsumer<BlockRequest, BlockDomain> misdeedWhenDone;
    volatile Throwable thrown;
    volatile BlockDomain firstDomain;

    TestBed() { this(new SimHost(256)); }

    TestBed(SimHost host) {
        this.host = host;
        BlockComponent component = new BlockComponent(null, null);
        component.addFormat(disk, Map.of("xen.block.format", "memory"));
        core = component.open(host, this::start);
        vbd = core.create(VbdConfig.simple(SimHost.DOMID, 51712, "memory", "", false, "none"));
        ring = new RingFront(host, 0, PORT);
        page = host.page();
        vbd.connect(List.of(ring.config()), false);
    }

    private BlockBackend start(BlockDomain domain, StartKind kind) {
        boolean first = instances.getAndIncrement() == 0;
        if (first) {
            firstDomain = domain;
        }
        return new Plain(domain, first);
    }

    /** Goes on until {@code count} answers are there, or for 10 s of machine time. */
    void run(int count) {
        int got = 0;
        long limit = host.now() + 10_000_000_000L;
        while (got < count && host.now() < limit && (got += ring.answers((id, op, status) -> answers.add(id + ":" + status))) < count && host.step()) {
            // until it is there
        }
    }

    void inject(DriverFault f) { ((FaultInjection) core).injectFault(f); }

    String fault() { return core.driver().get("last.fault"); }

    long failures() { return Long.parseLong(core.driver().get("failures")); }

    @Override public void close() {
        vbd.close();
        ring.close();
        host.close();
    }

    /** Nothing but what must be done. */
    private final class Plain implements BlockBackend {
        private final BlockDomain domain;
        private final boolean first;

        Plain(BlockDomain domain, boolean first) {
            this.domain = domain;
            this.first = first;
        }

        @Override public void attach(Vbd v) {}
        @Override public void detach(Vbd v) {}

        @Override public void request(BlockRequest r) {
            if (!guilty(misdeed, r)) {
                for (int i = 0; r.op() != BlockOp.FLUSH && i < r.segments(); i++) {
                    r.bind(i, domain.map(r, i));
                }
                domain.submit(r);
            }
        }

        @Override public void completed(BlockRequest r) {
            if (guilty(misdeedWhenDone, r)) {
                return;
            }
            for (int i = 0; r.op() != BlockOp.FLUSH && i < r.segments(); i++) {
                if (r.bound(i) != null) {
                    r.bound(i).close();
                }
            }
            domain.complete(r, BlockDomain.OK);
        }

        private boolean guilty(BiConsumer<BlockRequest, BlockDomain> deed, BlockRequest r) {
            if (!first || deed == null) {
                return false;
            }
            try {
                deed.accept(r, domain);
                return true;
            } catch (RuntimeException | Error e) {
                thrown = e;
                throw e;
            }
        }
    }
}
