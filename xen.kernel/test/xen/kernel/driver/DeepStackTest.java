package xen.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import xen.kernel.api.block.BlockBackend;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.BlockRequest;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.Vbd;
import xen.kernel.api.block.VbdConfig;
import xen.kernel.api.block.kit.RingFront;
import xen.kernel.api.block.kit.SimHost;

/** A driver that calls its capability at the very end of its stack: the call is made as a whole or not at all. */
@Timeout(60)
class DeepStackTest {
    private static final int PORT = 3, REQUESTS = 10, STEP = 500;

    private final Random random = new Random(1);

    private final AtomicInteger refused = new AtomicInteger();

    /** Goes down until there is no stack, then tries on some levels of the way up, until what it wants is done. */
    private final class Deep implements BlockBackend {
        private final BlockDomain domain;
        private boolean done;
        private int level, phase;

        Deep(BlockDomain domain) { this.domain = domain; }

        private void down(Runnable what) {
            int mine = level++;
            try {
                down(what);
            } catch (StackOverflowError e) {
                // as deep as it goes
            }
            if (!done && mine % STEP == phase) {
                try {
                    what.run();
                    done = true;
                } catch (StackOverflowError e) {
                    refused.incrementAndGet();
                }
            }
        }

        private void deep(Runnable what) {
            done = false;
            level = 0;
            phase = random.nextInt(STEP);
            down(what);
        }

        @Override public void attach(Vbd v) {}
        @Override public void detach(Vbd v) {}

        @Override public void request(BlockRequest r) {
            deep(() -> r.bind(0, domain.map(r, 0)));
            deep(() -> domain.submit(r));
        }

        @Override public void completed(BlockRequest r) {
            deep(() -> r.bound(0).close());
            deep(() -> domain.complete(r, BlockDomain.OK));
        }
    }

    @Test void theCoreDoesNotOverflowHalfway() {
        SimHost host = new SimHost(64);
        BlockComponent component = new BlockComponent(null, null);
        component.addFormat(new Memory(), Map.of("xen.block.format", "memory"));
        BlockControl core = component.open(host, (domain, kind) -> {
            ((DomainHandle) domain).makeRoom();
            return new Deep(domain);
        });
        ManagedVbd vbd = core.create(VbdConfig.simple(SimHost.DOMID, 51712, "memory", "", false, "none"));
        RingFront ring = new RingFront(host, 0, PORT);
        int page = host.page();
        vbd.connect(List.of(ring.config()), true);
        AtomicInteger answers = new AtomicInteger();
        for (int i = 0; i < REQUESTS; i++) {
            ring.request(i % 2 == 0 ? RingFront.READ : RingFront.WRITE, i, 8, page);
            ring.push();
            int got = 0;
            for (int k = 0; k < 1000 && got == 0; k++) {
                host.run(host.now() + 1_000_000);
                got = ring.answers((id, op, status) -> answers.addAndGet(status == 0 ? 1 : 1 << 20));
            }
        }
        assertThat(core.driver()).as("nothing happened to the driver").containsEntry("failures", "0");
        assertThat(answers).hasValue(REQUESTS);
        assertThat(refused.get()).as("calls without room").isGreaterThan(REQUESTS);
        assertThat(vbd.underWay()).isZero();
        vbd.close();
        ring.close();
        assertThat(host.mapped()).isZero();
        host.close();
    }
}
