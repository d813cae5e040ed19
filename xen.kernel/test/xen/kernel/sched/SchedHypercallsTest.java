package xen.kernel.sched;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import xen.kernel.api.domain.DomainState;
import xen.kernel.api.domain.RunState;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.core.CoreFixture;
import xen.kernel.time.TimelineImpl;

/** sched_op, sched_op_compat and set_timer_op as a guest issues them. */
class SchedHypercallsTest {
    private static final long EPERM = -1, EFAULT = -14, EINVAL = -22, ENOSYS = -38, ENOSPC = -28, ESRCH = -3, UNMAPPED = 0x7000_0000_0000L;
    private final CoreFixture f = new CoreFixture();
    private final long p = f.free;

    CoreFixture up(CoreFixture x) {
        x.v.sched.up(true);
        return x;
    }

    private void runTimeline(long until) {
        TimelineImpl t = f.core.timeline;
        for (Runnable r = t.poll(until); r != null; r = t.poll(until)) {
            f.core.clock.cycles(until);
            r.run();
        }
    }

    @Test void blockUnmasksEventsAndSleepsUnlessOneWaits() {
        up(f);
        assertThat(f.hypercall(29, 1, 0)).isZero();
        assertThat(f.v.info.masked()).isFalse();
        assertThat(f.v.runState()).isEqualTo(RunState.BLOCKED);
        int port = f.domain.events.bindIpi(0);
        f.domain.events.send(port);
        assertThat(f.v.runState()).isEqualTo(RunState.RUNNABLE);
        f.v.info.mask(1);
        f.v.sched.block();
        assertThat(f.v.runnable()).as("the event is still pending").isTrue();
    }

    @Test void everyReasonOfShutdownIsTakenAndNoOther() {
        for (int code : new int[] {-1, 6, 77}) {
            f.put32(p, code);
            assertThat(f.hypercall(29, 2, p)).isEqualTo(EINVAL);
            assertThat(f.hypercall(6, 2, code)).isEqualTo(EINVAL);
            assertThat(f.hypercall(29, 5, p)).isEqualTo(EINVAL);
        }
        f.put32(p, 1);
        assertThat(f.hypercall(29, 2, p)).isZero();
        assertThat(f.domain.state()).isEqualTo(DomainState.SHUTDOWN);
        assertThat(f.domain.shutdownReason()).contains(ShutdownReason.REBOOT);
    }

    @Test void theOldFormShutsDownWithTheReasonAsArgument() {
        assertThat(f.hypercall(6, 2, 0)).isZero();
        assertThat(f.domain.shutdownReason()).contains(ShutdownReason.POWEROFF);
    }

    @Test void aReportedCrashHasAReport() {
        f.put32(p, 3);
        f.hypercall(29, 2, p);
        assertThat(f.domain.shutdownReason()).contains(ShutdownReason.CRASH);
        assertThat(f.domain.crashReport().orElseThrow()).contains("the guest reported its own crash");
    }

    @Test void aShutdownCodeGivenBeforeOverridesTheReason() {
        f.put32(p, 3);
        assertThat(f.hypercall(29, 5, p)).isZero();
        f.put32(p, 0);
        f.hypercall(29, 2, p);
        assertThat(f.domain.shutdownReason()).contains(ShutdownReason.CRASH);
    }

    @Test void pollSleepsUntilItsDeadlineAndRefusesBadPorts() {
        up(f);
        f.put64(p, p + 64);
        f.put32(p + 8, 129);
        assertThat(f.hypercall(29, 3, p)).isEqualTo(EINVAL);
        f.put32(p + 8, 1);
        f.put64(p + 16, 5000);
        f.put32(p + 64, 4096);
        assertThat(f.hypercall(29, 3, p)).isEqualTo(EINVAL);
        f.put32(p + 64, 3);
        assertThat(f.hypercall(29, 3, p)).isZero();
        assertThat(f.v.runState()).isEqualTo(RunState.BLOCKED);
        runTimeline(4999);
        assertThat(f.v.runnable()).isFalse();
        runTimeline(5000);
        assertThat(f.v.runnable()).isTrue();
        f.put64(p, UNMAPPED);
        assertThat(f.hypercall(29, 3, p)).isEqualTo(EFAULT);
    }

    @Test void pollForPort0EndsAtItsDeadlineToo() {
        up(f);
        f.put64(p, p + 64);
        f.put32(p + 8, 1);
        f.put64(p + 16, 5000);
        f.put32(p + 64, 0);
        assertThat(f.hypercall(29, 3, p)).isZero();
        assertThat(f.v.runnable()).isFalse();
        runTimeline(5000);
        assertThat(f.v.runnable()).isTrue();
    }

    @Test void onlyAPrivilegedDomainShutsOthersDown() {
        f.put64(p, 1);
        assertThat(f.hypercall(29, 4, p)).isEqualTo(EPERM);
        CoreFixture boss = new CoreFixture(1, true);
        boss.put64(p, 9);
        assertThat(boss.hypercall(29, 4, p)).isEqualTo(ESRCH);
        boss.put64(p, 1 | 2L << 32);
        assertThat(boss.hypercall(29, 4, p)).isZero();
        assertThat(boss.domain.shutdownReason()).contains(ShutdownReason.SUSPEND);
    }

    @Test void aWatchdogThatIsNotFedEndsTheDomain() {
        f.put64(p, 0);
        assertThat(f.hypercall(29, 6, p)).isEqualTo(EINVAL);
        f.put64(p, 0 | 2L << 32);
        assertThat(f.hypercall(29, 6, p)).isEqualTo(1);
        assertThat(f.hypercall(29, 6, p)).isEqualTo(2);
        assertThat(f.hypercall(29, 6, p)).isEqualTo(ENOSPC);
        f.put64(p, 3 | 2L << 32);
        assertThat(f.hypercall(29, 6, p)).isEqualTo(EINVAL);
        f.put64(p, 2);
        assertThat(f.hypercall(29, 6, p)).as("stop").isZero();
        assertThat(f.hypercall(29, 6, p)).as("stop again").isEqualTo(EINVAL);
        f.put64(p, 1 | 5L << 32);
        assertThat(f.hypercall(29, 6, p)).as("feed").isZero();
        runTimeline(4_999_999_999L);
        assertThat(f.domain.live()).isTrue();
        runTimeline(5_000_000_000L);
        assertThat(f.domain.shutdownReason()).contains(ShutdownReason.WATCHDOG);
    }

    @Test void theTimerIsSetAndStopped() {
        assertThat(f.hypercall(15, 123_456)).isZero();
        assertThat(f.core.timeline.nextAt()).isEqualTo(123_456);
        assertThat(f.hypercall(15, 0)).isZero();
        assertThat(f.core.timeline.nextAt()).isEqualTo(TimelineImpl.NEVER);
    }

    @Test void whatIsUnknownOrNotAllowedSaysSo() {
        assertThat(f.hypercall(29, 7, p)).isEqualTo(EPERM);
        assertThat(f.hypercall(29, 8, p)).isEqualTo(ENOSYS);
        assertThat(f.hypercall(6, 3, p)).isEqualTo(ENOSYS);
        assertThat(f.hypercall(29, 0, 0)).isZero();
    }
}
