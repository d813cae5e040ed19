package xen.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import xen.kernel.api.block.RingConfig;
import xen.kernel.api.block.kit.RingFront;
import xen.kernel.api.control.HypervisorException;

/** What the ring fuzzer found, one by one: the disk is closed with a report, nothing else happens. */
@Timeout(60)
class FrontEndNonsenseTest {
    private final TestBed bed = new TestBed();
    private final List<String> reports = new ArrayList<>();

    FrontEndNonsenseTest() { bed.vbd.onFault(reports::add); }

    @AfterEach void close() { bed.close(); }

    private void index(RingFront ring, int produced) {
        ring.put(0, produced);
        ring.kick();
        bed.host.run(bed.host.now() + 1_000_000);
    }

    @Test void anIndexBehindTheRequestsThatWereTakenClosesTheDisk() {
        bed.misdeed = (r, d) -> { };
        for (int i = 0; i < 4; i++) {
            bed.ring.request(RingFront.READ, i, 0, bed.page);
        }
        bed.ring.push();
        bed.host.run(1_000_000);
        assertThat(bed.vbd.underWay()).isPositive();
        index(bed.ring, 1);
        assertThat(reports).singleElement().asString().contains("index 1 ").contains("were taken");
        assertThat(bed.vbd.underWay()).isZero();
        assertThat(bed.host.mapped()).isZero();
        assertThat(bed.failures()).isZero();
    }

    @Test void nonsenseThatIsThereBeforeTheRingsAreConnectedClosesThemAll() {
        bed.vbd.disconnect();
        RingFront one = new RingFront(bed.host, 0, 5), two = new RingFront(bed.host, 1, 6);
        one.put(0, 12345);
        bed.vbd.connect(List.of(one.config(), two.config()), false);
        bed.host.run(bed.host.now() + 1_000_000);
        assertThat(reports).singleElement().asString().contains("12345");
        assertThat(bed.host.mapped()).isZero();
        one.close();
        two.close();
    }

    @Test void aRingThatIsNoPowerOfTwoOfPagesIsRefused() {
        bed.vbd.disconnect();
        for (int pages : new int[] {0, 3, 32}) {
            int[] refs = new int[pages];
            for (int i = 0; i < pages; i++) {
                refs[i] = bed.host.page();
            }
            assertThatThrownBy(() -> bed.vbd.connect(List.of(new RingConfig(refs, 5)), false)).isInstanceOf(HypervisorException.class).hasMessageContaining("of " + pages + " pages");
        }
        assertThat(bed.host.mapped()).isZero();
    }
}
