package xen.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import xen.kernel.api.block.BlockBackend;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.BlockRequest;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.Vbd;
import xen.kernel.api.block.VbdConfig;
import xen.kernel.api.block.kit.RingFront;
import xen.kernel.api.block.kit.SimHost;

/** In real time the driver's thread hears front ends by itself, or somebody finds out that it does not. */
@Timeout(60)
class RealTimeTest {
    private static final int PORT = 3;

    private final SimHost host = new SimHost(64).real();
    private final AtomicInteger attached = new AtomicInteger();

    private final class Plain implements BlockBackend {
        private final BlockDomain domain;
        private final CountDownLatch blocked;

        Plain(BlockDomain domain, CountDownLatch blocked) {
            this.domain = domain;
            this.blocked = blocked;
        }

        @Override public void attach(Vbd v) {
            if (attached.getAndIncrement() == 0 && blocked != null) {
                try {
                    blocked.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        @Override public void detach(Vbd v) {}

        @Override public void request(BlockRequest r) {
            if (r.op().transfers()) {
                domain.map(r);
            }
            domain.submit(r);
        }

        @Override public void completed(BlockRequest r) { domain.complete(r, BlockDomain.OK); }
    }

    private void requests(int count, BlockDriver driver, Runnable afterwards) {
        BlockComponent component = new BlockComponent(null, null);
        component.addFormat(new Memory(), Map.of("xen.block.format", "memory"));
        BlockControl core = component.open(host, driver);
        ManagedVbd vbd = core.create(VbdConfig.simple(SimHost.DOMID, 51712, "memory", "", false, "none"));
        RingFront ring = new RingFront(host, 0, PORT);
        int page = host.page();
        vbd.connect(List.of(ring.config()), false);
        AtomicInteger answers = new AtomicInteger();
        for (int i = 0; i < count; i++) {
            ring.request(i % 2 == 0 ? RingFront.READ : RingFront.WRITE, i, 8, page);
            ring.push();
            while (ring.answers((id, op, status) -> answers.addAndGet(status == 0 ? 1 : 1 << 20)) == 0) {
                assertThat(host.port(PORT).await()).as("request %d is heard: %s", i, core.driver()).isTrue();
            }
        }
        assertThat(answers).hasValue(count);
        afterwards.run();
        vbd.close();
        ring.close();
        host.close();
    }

    @Test void aNotificationIsHeardHoweverCloseToTheDriversFallingAsleepItComes() { requests(8_000, (domain, kind) -> new Plain(domain, null), () -> { }); }

    @Test void aDriverThatHangsBeforeItHasLookedIntoARingIsFoundAndReplaced() {
        CountDownLatch never = new CountDownLatch(1);
        requests(10, (domain, kind) -> new Plain(domain, never), () -> assertThat(attached.get()).isGreaterThan(1));
        never.countDown();
    }
}
