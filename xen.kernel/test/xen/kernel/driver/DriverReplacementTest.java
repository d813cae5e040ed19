package xen.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import xen.kernel.api.block.DriverFault;
import xen.kernel.api.block.kit.RingFront;
import xen.kernel.api.control.HypervisorException;

/** Swaps, injected faults, and the order that must outlive them. */
@Timeout(60)
class DriverReplacementTest {
    private final TestBed bed = new TestBed();

    @AfterEach void close() { bed.close(); }

    @ParameterizedTest
    @EnumSource(DriverFault.class)
    void everyFaultThatCanBeInjectedEndsInOneRestartAndOneAnswer(DriverFault fault) {
        bed.inject(fault);
        bed.ring.request(RingFront.READ, 1, 0, bed.page);
        bed.ring.push();
        bed.run(1);
        bed.run(2);
        assertThat(bed.answers).containsExactly("1:0");
        assertThat(bed.failures()).isEqualTo(1);
        assertThat(bed.core.driver()).containsEntry("restarts", "1").containsEntry("state", "running").containsEntry("pause.crash.count", "1");
    }

    @Test void aSwapUnderLoadAnswersEachRequestOnce() {
        for (int round = 0; round < 100; round++) {
            for (int i = 0; i < 8; i++) {
                bed.ring.request(i % 2 == 0 ? RingFront.WRITE : RingFront.READ, round * 8 + i, i * 8L, bed.page);
            }
            bed.ring.push();
            bed.core.restartDriver();
            bed.run(8);
        }
        bed.run(1);
        assertThat(bed.answers).hasSize(800).doesNotHaveDuplicates().allMatch(a -> a.endsWith(":0"));
        assertThat(bed.core.driver()).containsEntry("swaps", "100").containsEntry("failures", "0");
        assertThat(bed.instances).hasValue(101);
    }

    @Test void oldInstancesAreCollected() {
        WeakReference<Object> first = new WeakReference<>(bed.firstDomain);
        bed.firstDomain = null;
        bed.core.restartDriver();
        bed.ring.request(RingFront.READ, 1, 0, bed.page);
        bed.ring.push();
        bed.run(1);
        for (int i = 0; i < 50 && first.get() != null; i++) {
            System.gc();
        }
        assertThat(first.get()).isNull();
    }

    @Test void aFaultNeedsADriver() {
        bed.vbd.close();
        assertThatThrownBy(() -> bed.inject(DriverFault.HANG)).isInstanceOf(HypervisorException.class).hasMessageContaining("no driver");
        assertThatThrownBy(() -> bed.core.restartDriver()).isInstanceOf(HypervisorException.class).hasMessageContaining("no driver");
    }

    /** Overlapping writes, flushes and barriers reach the disk in the order of the ring, however often the driver dies in between. */
    @Test void theOrderOfOverlappingWritesAndFlushesOutlivesRestarts() {
        DriverFault[] faults = Arrays.stream(DriverFault.values()).filter(f -> f != DriverFault.HANG && f != DriverFault.DEADLOCK).toArray(DriverFault[]::new);
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            bed.disk.log.setLength(0);
            bed.answers.clear();
            List<String> expected = new ArrayList<>();
            int n = 4 + random.nextInt(20);
            for (int i = 0; i < n; i++) {
                // one place: everything overlaps, so there is one right order
                switch (random.nextInt(4)) {
                    case 0 -> add(expected, "f ", RingFront.FLUSH, i);
                    case 1 -> add(expected, "w0 f ", RingFront.BARRIER, i, bed.page);
                    case 2 -> add(expected, "r0 ", RingFront.READ, i, bed.page);
                    default -> add(expected, "w0 ", RingFront.WRITE, i, bed.page);
                }
                if (random.nextInt(4) == 0) {
                    bed.ring.push();
                    if (random.nextInt(3) == 0) {
                        bed.core.restartDriver();
                    } else if (bed.core.driver().get("state").equals("running")) {
                        bed.inject(faults[random.nextInt(faults.length)]);
                    }
                    bed.host.step();
                }
            }
            bed.ring.push();
            bed.run(n);
            assertThat(bed.answers).as("seed %d", seed).hasSize(n).allMatch(a -> a.endsWith(":0"));
            assertThat(order(bed.disk.log.toString())).as("seed %d", seed).isEqualTo(order(String.join("", expected)));
        }
        assertThat(bed.failures()).isPositive();
    }

    private void add(List<String> expected, String trace, int operation, int id, int... pages) {
        bed.ring.request(operation, id, 0, pages);
        expected.add(trace);
    }

    /** Reads between two writes are free to be anywhere there, and so are flushes; writes are not. */
    private static List<String> order(String log) {
        List<String> out = new ArrayList<>();
        char[] group = {};
        for (String w : log.split(" ")) {
            if (w.startsWith("w")) {
                Arrays.sort(group);
                out.add(new String(group));
                out.add(w);
                group = new char[0];
            } else {
                group = Arrays.copyOf(group, group.length + 1);
                group[group.length - 1] = w.charAt(0);
            }
        }
        Arrays.sort(group);
        out.add(new String(group));
        return out;
    }
}
