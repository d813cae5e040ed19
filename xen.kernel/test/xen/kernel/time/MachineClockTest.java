package xen.kernel.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import xen.kernel.api.hw.Raw;

class MachineClockTest {
    @ParameterizedTest
    @ValueSource(longs = {1_000_000_000L, 1_000_000L, 999_999_999L, 2_500_000_000L, 3_333_333_333L, 9_000_000_000L, 24_000_000L})
    void conversionsAreExactIntegers(long hz) {
        MachineClock c = MachineClock.virtual(hz, 0);
        Random r = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            long cycles = r.nextLong() >>> 10 + r.nextInt(50);
            BigInteger exact = BigInteger.valueOf(cycles).multiply(BigInteger.valueOf(1_000_000_000L)).divide(BigInteger.valueOf(hz));
            if (exact.bitLength() > 62) {
                continue;
            }
            assertThat(c.nanos(cycles)).isEqualTo(exact.longValueExact());
            long ns = r.nextLong() >>> 12 + r.nextInt(50);
            long least = c.cyclesFor(ns);
            assertThat(c.nanos(least)).isGreaterThanOrEqualTo(ns);
            assertThat(least == 0 || c.nanos(least - 1) < ns).isTrue();
        }
        assertThat(c.cyclesFor(TimelineImpl.NEVER)).isEqualTo(Long.MAX_VALUE);
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000_000_000L, 1_000_000L, 999_999_999L, 2_500_000_000L, 3_333_333_333L, 9_000_000_000L, 2_000_000_000L})
    void aGuestThatComputesWithPvclockSeesMachineTimeAndIsNeverAhead(long hz) {
        MachineClock c = MachineClock.virtual(hz, 0);
        c.cycles(hz * 5 + 12345);
        Raw.Area a = Raw.allocate(PvClock.SIZE);
        Raw.zero(a.address(), PvClock.SIZE);
        PvClock.write(a.address(), c, c.cycles(), c.now(), true);
        assertThat(Raw.get8(a.address() + 29)).isEqualTo(1);
        assertThat(Raw.get32(a.address())).isEqualTo(2);
        for (long delta : new long[] {0, 1, 999, 123_456, hz / 3, hz}) {
            c.cycles(hz * 5 + 12345 + delta);
            long guest = guestTime(a.address(), c.tsc());
            assertThat(guest).isLessThanOrEqualTo(c.now()).isGreaterThanOrEqualTo(c.now() - 2);
        }
        a.free();
    }

    /** What a Linux guest does with the structure. */
    private static long guestTime(long at, long tsc) {
        long delta = tsc - Raw.get64(at + 8);
        int shift = (byte) Raw.get8(at + 28);
        delta = shift >= 0 ? delta << shift : delta >>> -shift;
        return Raw.get64(at + 16) + (Math.multiplyHigh(delta, Raw.getU32(at + 24)) << 32 | delta * Raw.getU32(at + 24) >>> 32);
    }

    @Test void oneGigahertzMeansOneNanosecondACycleExactly() {
        MachineClock c = MachineClock.virtual(1_000_000_000L, 0);
        assertThat(c.pvShift()).isEqualTo(1);
        assertThat(c.pvMul()).isEqualTo(0x8000_0000);
    }

    @Test void virtualTimeIgnoresTheHostAndRealTimeFollowsIt() {
        MachineClock virtual = MachineClock.virtual(1_000_000_000L, 7);
        assertThat(virtual.now()).isZero();
        virtual.cycles(500);
        assertThat(virtual.now()).isEqualTo(500);
        assertThat(virtual.tsc(20)).isEqualTo(520);
        assertThat(virtual.epochNanos()).isEqualTo(7_000_000_000L);
        long[] host = {1_000};
        MachineClock real = MachineClock.real(2_000_000_000L, () -> host[0], 0);
        host[0] += 50;
        assertThat(real.now()).isEqualTo(50);
        assertThat(real.tsc(1_000_000)).isEqualTo(100);
    }

    @Test void anImpossibleRateIsRefusedByName() {
        assertThatThrownBy(() -> MachineClock.virtual(10, 0)).hasMessageContaining("10 Hz");
    }

    @Test void theWallClockIsTheEpochWithAnEvenVersion() {
        Raw.Area a = Raw.allocate(16);
        Raw.zero(a.address(), 16);
        PvClock.writeWallClock(a.address(), MachineClock.virtual(1_000_000_000L, 5_000_000_000L));
        assertThat(Raw.get32(a.address())).isEqualTo(2);
        assertThat(Raw.getU32(a.address() + 4) | Raw.getU32(a.address() + 12) << 32).isEqualTo(5_000_000_000L);
        assertThat(Raw.get32(a.address() + 8)).isZero();
        a.free();
    }
}
