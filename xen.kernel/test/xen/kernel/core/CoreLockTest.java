package xen.kernel.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import xen.kernel.api.control.LockReport;

class CoreLockTest {
    @Test void percentilesAreUpperBoundsOfWhatWasCounted() {
        Durations d = new Durations();
        assertThat(d.percentile(99)).isZero();
        for (int i = 1; i <= 1000; i++) {
            d.add(i * 1000L);
        }
        assertThat(d.count()).isEqualTo(1000);
        assertThat(d.max()).isEqualTo(1_000_000);
        assertThat(d.percentile(50)).isBetween(500_000L, 565_000L);
        assertThat(d.percentile(99)).isBetween(990_000L, 1_000_000L);
        d.add(Long.MAX_VALUE);
        assertThat(d.percentile(100)).isEqualTo(Long.MAX_VALUE);
    }

    @Test void everyHoldIsCountedOnceUnderTheWorkThatItsHolderTold() {
        CoreLock lock = new CoreLock(false);
        for (int i = 0; i < 5; i++) {
            lock.lock();
            lock.works(2);
            lock.lock();
            lock.worksAtHypercall(24);
            lock.unlock();
            lock.unlock();
        }
        assertThat(lock.tryLock()).isTrue();
        lock.passRound();
        lock.unlock();
        LockReport r = lock.report(n -> "call" + n);
        assertThat(r.holds()).isEqualTo(7);
        assertThat(r.waits()).isZero();
        assertThat(r.works()).extracting(LockReport.Work::name).containsExactlyInAnyOrder("hypercall.call24", "other");
        assertThat(r.works()).filteredOn(w -> w.name().equals("hypercall.call24")).first().extracting(LockReport.Work::count).isEqualTo(5L);
        assertThat(r.heldMax()).isPositive();
    }

    @Test void aWaitIsCounted() throws InterruptedException {
        CoreLock lock = new CoreLock(false);
        lock.lock();
        Thread other = new Thread(() -> {
            lock.lock();
            lock.unlock();
        });
        other.start();
        while (!lock.hasQueuedThreads()) {
            Thread.onSpinWait();
        }
        lock.unlock();
        other.join();
        assertThat(lock.report(Integer::toString).waits()).isEqualTo(1);
    }

    @Test void nothingIsCountedInVirtualTime() { assertThat(new CoreLock(true).report(Integer::toString)).isNull(); }
}
