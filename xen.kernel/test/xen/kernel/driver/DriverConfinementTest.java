package xen.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Modifier;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.BlockRequest;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.kit.RingFront;
import xen.kernel.api.hw.Raw;

/** A driver that wants more than it has gets nothing, and the guest is served by the next instance. */
@Timeout(60)
class DriverConfinementTest {
    private final TestBed bed = new TestBed();
    private long servedAt;

    @AfterEach void close() { bed.close(); }

    /** The first instance does that with a read of sector 8; the guest must get its data once, without an error. */
    private void refused(String why, BiConsumer<BlockRequest, BlockDomain> misdeed) {
        bed.misdeed = misdeed;
        served();
        assertThat(bed.fault()).contains("wild").contains(why);
        assertThat(bed.thrown).as("what the driver got for it").isInstanceOf(IllegalStateException.class);
    }

    private void served() {
        bed.disk.bytes[8 * 512] = 42;
        Raw.put8(bed.host.address(bed.page), 1);
        bed.ring.request(RingFront.READ, 7, 8, bed.page);
        bed.ring.push();
        bed.run(1);
        servedAt = bed.host.now();
        bed.run(2);
        assertThat(bed.answers).containsExactly("7:0");
        assertThat(Raw.get8(bed.host.address(bed.page))).isEqualTo(42);
        assertThat(bed.failures()).isEqualTo(1);
        assertThat(bed.disk.log.toString().split("r8")).as("read once").hasSizeLessThanOrEqualTo(2);
    }

    @Test void aSegmentThatTheRequestHasNotCannotBeMapped() { refused("map of segment 1", (r, d) -> d.map(r, 1)); }

    @Test void aRequestIsNotAnsweredBeforeTheDiskDidIt() { refused("status 0", (r, d) -> d.complete(r, BlockDomain.OK)); }

    @Test void aRequestThatTheDiskIsDoneWithIsNotMappedAgain() {
        bed.misdeedWhenDone = (r, d) -> d.map(r);
        served();
        assertThat(bed.fault()).contains("wild").contains("map of READ 8+8");
    }

    @Test void aGoodRequestIsNotRefused() { refused("status -1", (r, d) -> d.complete(r, BlockDomain.ERROR)); }

    @Test void aRequestWithoutItsPagesDoesNotReachTheDisk() { refused("not all bound", (r, d) -> d.submit(r)); }

    @Test void aRequestOfOnesOwnMakingIsNobodys() {
        refused("not its own", (r, d) -> d.submit((BlockRequest) java.lang.reflect.Proxy.newProxyInstance(getClass().getClassLoader(),
                new Class<?>[] {BlockRequest.class}, (p, m, a) -> m.getName().equals("toString") ? "made up" : null)));
    }

    @Test void aGrantOfOnesOwnMakingIsNotBound() { refused("bound segment 0", (r, d) -> r.bind(0, null)); }

    @Test void anotherThreadHasNoPartInTheCapability() {
        refused("another thread", (r, d) -> {
            Throwable[] got = new Throwable[1];
            Thread t = new Thread(() -> d.submit(r));
            t.setUncaughtExceptionHandler((x, e) -> got[0] = e);
            t.start();
            try {
                t.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            throw (RuntimeException) got[0];
        });
    }

    @Test void aLoopAroundTheCapabilityRunsOutOfFuel() {
        refused("loops around", (r, d) -> {
            for (;;) {
                d.map(r, 0).close();
            }
        });
    }

    @Test void pagesThatAreMappedForEverHaveALimit() {
        refused("loops around", (r, d) -> {
            for (;;) {
                d.map(r, 0);
            }
        });
        assertThat(bed.host.mapped()).as("the ring's page alone").isEqualTo(1);
    }

    @Test void theDriverSeesAVirtualDiskAndCannotManageIt() {
        bed.misdeed = (r, d) -> {
            assertThat(r.vbd()).isNotInstanceOf(ManagedVbd.class);
            assertThat(Modifier.isPublic(r.vbd().getClass().getModifiers()) || Modifier.isPublic(r.getClass().getModifiers())).isFalse();
            throw new IllegalStateException("all as it should be");
        };
        served();
        assertThat(bed.thrown).hasMessage("all as it should be");
    }

    @Test void anEndlessLoopStopsNobodyAndWhatComesBackLaterCanDoNothing() throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch back = new CountDownLatch(1);
        bed.misdeed = (r, d) -> {
            while (release.getCount() > 0) {
                Thread.onSpinWait();
            }
            try {
                d.submit(r);
            } finally {
                back.countDown();
            }
        };
        served();
        assertThat(bed.fault()).contains("does not come back");
        assertThat(bed.core.driver()).containsEntry("threads.lost", "1");
        assertThat(servedAt).as("a fixed time, whatever the host").isEqualTo(Supervisor.STUCK);
        String log = bed.disk.log.toString();
        release.countDown();
        back.await();
        while (bed.thrown == null) {
            Thread.onSpinWait();
        }
        assertThat(bed.thrown).hasMessageContaining("over");
        assertThat(bed.disk.log).hasToString(log);
        assertThatThrownBy(bed.firstDomain::now).isInstanceOf(IllegalStateException.class);
        assertThat(bed.failures()).isEqualTo(1);
    }

    @Test void aDriverThatWaitsForEverIsGivenUp() {
        CountDownLatch never = new CountDownLatch(1);
        bed.misdeed = (r, d) -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        served();
        assertThat(bed.fault()).contains("does not come back");
        never.countDown();
    }

    @Test void aRequestThatIsForgottenComesAgain() {
        bed.misdeed = (r, d) -> { };
        served();
        assertThat(bed.fault()).contains("does nothing with READ 8+8");
    }

    @Test void anAnswerThatIsForgottenIsGivenByTheNextOneWithoutReadingAgain() {
        bed.misdeedWhenDone = (r, d) -> { };
        served();
        assertThat(bed.disk.log).hasToString("r8 ");
    }

    @Test void aSecondAnswerIsRefusedAndTheGuestGetsOne() {
        bed.misdeedWhenDone = (r, d) -> {
            d.complete(r, BlockDomain.OK);
            d.complete(r, BlockDomain.OK);
        };
        served();
        assertThat(bed.fault()).contains("not under way");
    }
}
