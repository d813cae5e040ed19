package xen.hw.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import xen.kernel.api.block.BlockOp;

/** Shapes that data sheets of SATA flash disks show. */
class SsdModelTest {
    private static final long S = 1_000_000_000;
    private final SsdModel disk = new SsdModel();

    /** Keeps so many requests at the disk. @return requests a second */
    private double rate(BlockOp op, int depth, int sectors, boolean random, int requests) {
        Random places = new Random(1);
        PriorityQueue<Long> ends = new PriorityQueue<>();
        long now = 0;
        for (int i = 0; i < requests; i++) {
            if (ends.size() == depth) {
                now = ends.poll();
            }
            long place = random ? places.nextInt(1 << 24) * 8L : (long) i * sectors;
            ends.add(disk.start(now, op, place, sectors));
        }
        return (double) requests * S / now;
    }

    @Test void aSingleRandomReadTakesSeventyMicroseconds() {
        assertThat(rate(BlockOp.READ, 1, 8, true, 2000)).isBetween(13_000.0, 15_500.0);
    }

    @Test void manyAtOnceUseTheChannelsUpToSixOrSevenTimesOfThat() {
        assertThat(rate(BlockOp.READ, 32, 8, true, 20_000)).isBetween(85_000.0, 115_000.0);
    }

    @Test void sequentialReadsAreHeldByTheLink() {
        assertThat(rate(BlockOp.READ, 8, 256, false, 5000) * 256 * 512 / 1e6).isBetween(500.0, 560.0);
    }

    @Test void aShortBurstOfWritesEndsInTheBufferAndALongOneAtTheChannels() {
        double burst = rate(BlockOp.WRITE, 1, 8, true, 200);
        assertThat(burst).isGreaterThan(40_000);
        assertThat(rate(BlockOp.WRITE, 32, 8, true, 100_000)).isBetween(60_000.0, 140_000.0);
    }

    @Test void anEstimateChangesNothing() {
        disk.start(0, BlockOp.READ, 0, 64);
        long a = disk.estimate(0, BlockOp.READ, 0, 64);
        assertThat(disk.estimate(0, BlockOp.READ, 0, 64)).isEqualTo(a);
        assertThat(disk.start(0, BlockOp.READ, 0, 64)).isEqualTo(a);
    }
}
