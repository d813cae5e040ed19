package xen.kernel.time;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.domain.RunState;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;
import xen.kernel.event.SharedInfo;
import xen.kernel.testing.FakeCpu;
import xen.kernel.testing.TestCore;

class VcpuTimeTest {
    private static final int AREA = 0x30_0ff4;
    private final TestCore t = new TestCore("1x1x1");
    private final DomainImpl d = t.domain(1);
    private final VcpuImpl v = d.vcpu(0);
    private final FakeCpu cpu = t.machine.board.cpu(0);

    @AfterEach void close() { t.close(); }

    @Test void timesInTheFourRunstatesAddUpToTheAge() {
        t.clock.cycles(100);
        v.time.enter(RunState.RUNNABLE, 100);
        v.time.enter(RunState.RUNNING, 150);
        v.time.enter(RunState.BLOCKED, 400);
        t.clock.cycles(1000);
        assertThat(v.time.nanosIn(RunState.OFFLINE)).isEqualTo(100);
        assertThat(v.time.nanosIn(RunState.RUNNABLE)).isEqualTo(50);
        assertThat(v.time.runningNanos()).isEqualTo(250);
        assertThat(v.time.nanosIn(RunState.BLOCKED)).isEqualTo(600);
    }

    @Test void aTimeBeforeTheLastChangeCountsAsThatChange() {
        v.time.enter(RunState.RUNNING, 500);
        v.time.enter(RunState.BLOCKED, 480);
        assertThat(v.time.stateEntry()).isEqualTo(500);
        assertThat(v.time.nanosAtEntry(RunState.RUNNING)).isZero();
    }

    @Test void theRunstateAreaIsWrittenByKernelAddressAcrossAPageEnd() {
        cpu.identity = true;
        v.context.put32(VcpuContext.MODE, 1);
        v.time.runstateArea(AREA);
        v.time.enter(RunState.RUNNING, 70);
        v.time.scheduledIn(0);
        long host = t.memory.base + AREA;
        assertThat(Raw.get32(host)).isEqualTo(RunState.RUNNING.ordinal());
        assertThat(Raw.get64(host + 8)).isEqualTo(70);
        assertThat(Raw.get64(host + 16 + 8 * RunState.OFFLINE.ordinal())).isEqualTo(70);
        assertThat(v.context.userMode()).as("mode is restored").isTrue();
    }

    @Test void theUpdateFlagEndsClearedWhenTheGuestAskedForIt() {
        cpu.identity = true;
        d.assists = 1 << 5;
        v.time.runstateArea(0x30_0000);
        v.time.enter(RunState.RUNNING, 70);
        v.time.scheduledIn(0);
        assertThat(Raw.get64(t.memory.base + 0x30_0008)).isEqualTo(70);
    }

    @Test void anAreaThatIsNotMappedOrIsTheHypervisorsIsSkipped() {
        cpu.identity = true;
        cpu.refused.add(0x300L);
        v.time.runstateArea(0x30_0000);
        v.time.timeArea(0xffff_8000_0000_0000L);
        v.time.scheduledIn(0);
        v.time.refresh(0);
        assertThat(cpu.contentChanges).isEmpty();
    }

    @Test void vcpuInfoHoldsAClockWhenTheVcpuRuns() {
        t.clock.cycles(4242);
        v.time.scheduledIn(0);
        long at = v.info.address() + SharedInfo.TIME;
        assertThat(Raw.get32(at) & 1).isZero();
        assertThat(Raw.get64(at + 8)).isEqualTo(4242);
        assertThat(Raw.get64(at + 16)).isEqualTo(4242);
    }

    @Test void aSingleshotInThePastIsRefusedOnlyWhenTheGuestAsksForThat() {
        t.clock.cycles(1000);
        assertThat(v.time.setSingleshot(999, 1)).isEqualTo(-Errno.ETIME);
        assertThat(t.core.timeline.nextAt()).isEqualTo(TimelineImpl.NEVER);
        assertThat(v.time.setSingleshot(999, 0)).isZero();
        assertThat(t.core.timeline.nextAt()).isEqualTo(1000);
        v.time.setSingleshot(5000, 1);
        assertThat(t.core.timeline.nextAt()).isEqualTo(5000);
        v.time.stopSingleshot();
        assertThat(t.core.timeline.nextAt()).isEqualTo(TimelineImpl.NEVER);
    }

    @Test void periodicTicksNeedAtLeastAMillisecond() {
        assertThat(v.time.setPeriodic(999_999)).isEqualTo(-Errno.EINVAL);
        assertThat(v.time.setPeriodic(-1)).isEqualTo(-Errno.EINVAL);
        assertThat(v.time.setPeriodic(1_000_000)).isZero();
        assertThat(t.core.timeline.nextAt()).as("not running: no tick").isEqualTo(TimelineImpl.NEVER);
        v.time.scheduledIn(0);
        assertThat(t.core.timeline.nextAt()).isEqualTo(1_000_000);
        v.time.scheduledOut(0);
        assertThat(t.core.timeline.nextAt()).isEqualTo(TimelineImpl.NEVER);
    }
}
