package xen.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import xen.kernel.api.block.DriverFault;
import xen.kernel.api.block.kit.RingFront;
import xen.kernel.api.block.kit.SimHost;

/** A driver without a thread of its own: the one that owns the time does its work, and nothing else is different. */
@Timeout(60)
class TrustedDriverTest {
    private final TestBed bed = new TestBed(new SimHost(256).trusting());

    @AfterEach void close() { bed.close(); }

    private void requests(int round, int n) {
        for (int i = 0; i < n; i++) {
            bed.ring.request(i % 2 == 0 ? RingFront.WRITE : RingFront.READ, round * n + i, i * 8L, bed.page);
        }
        bed.ring.push();
    }

    @Test void itsCodeRunsOnTheThreadThatOwnsTheTime() {
        Thread[] ran = new Thread[1];
        bed.misdeed = (r, domain) -> {
            ran[0] = Thread.currentThread();
            domain.submit(r);
        };
        bed.ring.request(RingFront.FLUSH, 1, 0);
        bed.ring.push();
        bed.run(1);
        assertThat(bed.answers).containsExactly("1:0");
        assertThat(ran[0]).isSameAs(Thread.currentThread());
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = {"HANG", "DEADLOCK"})
    void aFaultThatComesBackEndsInOneRestartAndOneAnswer(DriverFault fault) {
        bed.inject(fault);
        requests(0, 1);
        bed.run(1);
        bed.run(2);
        assertThat(bed.answers).containsExactly("0:0");
        assertThat(bed.core.driver()).containsEntry("failures", "1").containsEntry("restarts", "1").containsEntry("state", "running");
    }

    @Test void itIsSwappedUnderLoadAndTheOldInstancesEnd() {
        for (int round = 0; round < 100; round++) {
            requests(round, 8);
            bed.core.restartDriver();
            bed.run(8);
        }
        assertThat(bed.answers).hasSize(800).doesNotHaveDuplicates().allMatch(a -> a.endsWith(":0"));
        assertThat(bed.core.driver()).containsEntry("swaps", "100").containsEntry("failures", "0").containsEntry("threads.lost", "0");
    }

    @Test void anotherThreadThatUsesTheCapabilityBetweenTwoCallsEndsIt() throws InterruptedException {
        requests(0, 1);
        bed.run(1);
        Thread foreign = new Thread(() -> {
            try {
                bed.firstDomain.submit(null);
            } catch (RuntimeException refused) {
                bed.thrown = refused;
            }
        });
        foreign.start();
        foreign.join();
        assertThat(bed.thrown).hasMessageContaining("another thread");
        bed.run(2);
        assertThat(bed.failures()).isEqualTo(1);
    }
}
