package xen.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import xen.kernel.api.block.ServiceClass;
import xen.kernel.api.block.kit.RingFront;

/** When requests beyond a limit are let through after the limit was changed. */
@Timeout(60)
class PaceTest {
    private static final int REQUESTS = 20;
    private final TestBed bed = new TestBed();

    @AfterEach void close() { bed.close(); }

    private void limit(int perSecond) { bed.vbd.parameters(256, ServiceClass.THROUGHPUT, 0, perSecond); }

    private int answered(int millis) {
        bed.host.run(bed.host.now() + millis * 1_000_000L);
        return bed.ring.answers((id, op, status) -> { });
    }

    @Test void aHigherLimitHoldsAtOnceAndIsKept() {
        limit(1);
        for (int i = 0; i < REQUESTS; i++) {
            bed.ring.request(RingFront.READ, i, 8L * i, bed.page);
        }
        bed.ring.push();
        assertThat(answered(100)).as("a pause is worth one more").isBetween(1, 2);
        limit(100);
        assertThat(answered(95)).as("one that was due at once, and one each 10 ms").isBetween(10, 11);
        // over the time for which it had been told to come back before
        limit(2);
        assertThat(answered(2_000)).isBetween(3, 5);
        limit(0);
        bed.run(1);
        assertThat(bed.vbd.underWay()).isZero();
    }
}
