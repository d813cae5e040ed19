package xen.hw.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import xen.kernel.api.block.BlockOp;

/** Shapes that data sheets of 7,200 rpm disks of 1 TB show. */
class HddModelTest {
    private static final long SECTORS = 1L << 31, MS = 1_000_000, S = 1000 * MS;
    private final HddModel disk = new HddModel(SECTORS);

    /** Reads in sequence as fast as answers come. @return MB/s */
    private double stream(long from, int requests, int sectors) {
        long now = disk.start(0, BlockOp.READ, from, sectors), begin = now;
        for (int i = 1; i < requests; i++) {
            long end = disk.start(now, BlockOp.READ, from + (long) i * sectors, sectors);
            now += Math.max(1, end - now);
        }
        return (requests - 1.0) * sectors * 512 * 1000 / (now - begin);
    }

    @Test void theOuterZoneStreamsAtOneHundredAndTenToOneHundredAndThirtyMegabytesASecondAndTheInnerAtHalfOfIt() {
        double outer = stream(0, 500, 128);
        double inner = new HddModelTest().stream(SECTORS - 1_000_000, 500, 128);
        assertThat(outer).isBetween(105.0, 130.0);
        assertThat(inner / outer).isBetween(0.45, 0.6);
    }

    @Test void randomReadsTakeTwelveToFourteenMilliseconds() {
        Random random = new Random(1);
        long now = 0;
        for (int i = 0; i < 2000; i++) {
            now = disk.start(now, BlockOp.READ, (long) (random.nextDouble() * (SECTORS - 8)), 8);
        }
        // 8.5 ms of seek and half a turn on the average: about 78 a second
        assertThat(2000.0 * S / now).isBetween(70.0, 85.0);
    }

    @Test void seeksGrowWithTheRootAndThenLinearly() {
        assertThat(HddModel.seek(0)).isZero();
        assertThat(HddModel.seek(1)).isBetween(800_000L, 900_000L);
        assertThat(HddModel.seek(66_667)).isBetween(7 * MS, 9 * MS);
        assertThat(HddModel.seek(199_999)).isBetween(16 * MS, 18 * MS);
        for (int d = 1; d < 200_000; d += 777) {
            assertThat(HddModel.seek(d + 777)).isGreaterThan(HddModel.seek(d));
        }
    }

    @Test void anIdleHeadReadsOnAndTheNextReadComesFromTheBuffer() {
        long end = disk.start(0, BlockOp.READ, 5000, 8);
        assertThat(disk.estimate(end + 20 * MS, BlockOp.READ, 5008, 128)).isLessThan(MS / 2);
        // not further than it reads on
        assertThat(disk.estimate(end + 20 * MS, BlockOp.READ, 5008 + HddModel.READ_AHEAD, 8)).isGreaterThan(MS / 2);
    }

    @Test void whatWasReadLatelyIsReadAgainWithoutAWayUntilItIsWritten() {
        long now = disk.start(0, BlockOp.READ, 5000, 64);
        now = disk.start(now, BlockOp.READ, SECTORS / 2, 8);
        assertThat(disk.estimate(now, BlockOp.READ, 5000, 64)).isLessThan(MS / 2);
        now = disk.start(now, BlockOp.WRITE, 5010, 8);
        now = disk.start(now, BlockOp.READ, SECTORS / 2, 8);
        assertThat(disk.estimate(now, BlockOp.READ, 5000, 64)).isGreaterThan(MS);
    }

    @Test void writesInSequenceLoseNoTurnAndOthersDo() {
        long now = disk.start(0, BlockOp.WRITE, 0, 128);
        long next = disk.start(now, BlockOp.WRITE, 128, 128);
        assertThat(next - now).isLessThan(MS);
        assertThat(disk.start(next, BlockOp.WRITE, 256 + 8, 128) - next).isLessThan(HddModel.TURN + 2 * MS);
        assertThat(disk.start(next + 100 * MS, BlockOp.WRITE, 128, 8) - next - 100 * MS).isGreaterThan(MS / 2);
    }

    @Property(tries = 300) void anEstimateIsWhatTheRequestTakesAndChangesNothing(@ForAll long seed, @ForAll @LongRange(min = 1, max = 50) long gap) {
        Random random = new Random(seed);
        HddModel d = new HddModel(SECTORS);
        long now = 0, place = 0;
        for (int i = 0; i < 40; i++) {
            place = random.nextInt(3) == 0 ? (long) (random.nextDouble() * (SECTORS - 4096)) : place + random.nextInt(300);
            BlockOp op = BlockOp.values()[random.nextInt(5)];
            int n = 1 + random.nextInt(256);
            long takes = d.estimate(now, op, place, n);
            assertThat(d.estimate(now, op, place, n)).isEqualTo(takes);
            assertThat(takes).isBetween(1L, 60 * MS);
            assertThat(d.start(now, op, place, n)).isEqualTo(now + takes);
            now += takes + random.nextInt((int) (gap * MS));
        }
    }
}
