package xen.kernel.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.control.DomainConfig;
import xen.kernel.api.control.DomainListener;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.control.PageTableLevel;
import xen.kernel.api.control.VcpuStart;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.DomainState;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.time.TimeMode;
import xen.kernel.testing.FakeMachine;

/** The facade: power, domains' lives, refusals that name their cause, and machines that come and go. */
class HypervisorImplTest {
    private final HypervisorImpl h = new HypervisorImpl();
    private final FakeMachine machine = new FakeMachine();

    private static MachineConfig config(String name) {
        return new MachineConfig(16 << 20, new Topology(1, 1, 1), TimeMode.VIRTUAL, name, null, MachineConfig.DEFAULT_HZ);
    }

    private void on() {
        h.plugins.add("fake", machine);
        h.powerOn(config(null));
    }

    @AfterEach void off() { h.powerOff(); }

    private Domain create() { return h.create(new DomainConfig("d", UUID.randomUUID(), 64, 1, false)); }

    @Test void everythingButPowerOnNeedsTheMachine() {
        assertThat(h.config()).isEmpty();
        assertThatThrownBy(h::domains).isInstanceOf(IllegalStateException.class).hasMessageContaining("off");
        assertThatThrownBy(() -> h.powerOn(config(null))).isInstanceOf(HypervisorException.class).hasMessageContaining("no machine");
        h.plugins.add("fake", machine);
        assertThatThrownBy(() -> h.powerOn(config("other"))).hasMessageContaining("'other'").hasMessageContaining("fake");
        h.powerOff();
    }

    @Test void powerOnIsRefusedTwiceAndPossibleAgainAfterPowerOff() {
        on();
        assertThatThrownBy(() -> h.powerOn(config(null))).hasMessageContaining("on already");
        create();
        FakeMachine.FakeBoard first = machine.board;
        h.powerOff();
        assertThat(first.closed).isTrue();
        h.powerOn(config(null));
        assertThat(h.domains()).isEmpty();
        assertThat(h.dmesg()).contains("(XEN) Xen version 4.17");
    }

    @Test void aDomainIsBuiltStartedPausedAndDestroyed() {
        on();
        long before = h.freePages();
        Domain d = create();
        assertThat(d.state()).isEqualTo(DomainState.BUILDING);
        assertThatThrownBy(() -> h.unpause(d.id())).hasMessageContaining("no start state");
        long[] frames = h.populate(d.id(), 0, 4);
        assertThatThrownBy(() -> h.start(d.id(), new VcpuStart(0x1000, 0x2000, 0, h.sharedInfo(d.id())))).hasMessageContaining("L4");
        h.pinTable(d.id(), PageTableLevel.L4, frames[0]);
        h.start(d.id(), new VcpuStart(0x1000, 0x2000, 0x3000, frames[0]));
        assertThatThrownBy(() -> h.start(d.id(), new VcpuStart(0x1000, 0x2000, 0x3000, frames[0]))).hasMessageContaining("already");
        h.pause(d.id());
        h.unpause(d.id());
        assertThat(d.state()).as("born with one pause").isEqualTo(DomainState.BUILDING);
        h.unpause(d.id());
        assertThat(d.state()).isEqualTo(DomainState.RUNNING);
        assertThatThrownBy(() -> h.unpause(d.id())).hasMessageContaining("not paused");
        assertThatThrownBy(() -> h.pinTable(d.id(), PageTableLevel.L4, frames[0])).hasMessageContaining("RUNNING");
        h.pause(d.id());
        assertThat(d.state()).isEqualTo(DomainState.PAUSED);
        h.shutdown(d.id(), ShutdownReason.REBOOT);
        assertThat(d.shutdownReason()).contains(ShutdownReason.REBOOT);
        h.destroy(d.id());
        assertThat(d.state()).isEqualTo(DomainState.DYING);
        assertThat(h.domain(d.id())).isEmpty();
        assertThat(h.freePages()).isEqualTo(before);
        assertThatThrownBy(() -> h.destroy(d.id())).hasMessageContaining("no domain " + d.id());
    }

    @Test void listenersHearOfShutdownAndDestruction() throws InterruptedException {
        CountDownLatch shutdown = new CountDownLatch(1), destroyed = new CountDownLatch(1);
        h.addListener(new DomainListener() {
            @Override public void shutdown(Domain d) { shutdown.countDown(); }

            @Override public void destroyed(Domain d) { destroyed.countDown(); }
        });
        on();
        Domain d = create();
        h.crash(d.id(), "asked for");
        assertThat(d.crashReport().orElseThrow()).contains("asked for");
        assertThat(shutdown.await(10, TimeUnit.SECONDS)).isTrue();
        h.destroy(d.id());
        assertThat(destroyed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test void parametersAreChecked() {
        on();
        Domain d = create();
        h.setWeight(d.id(), 512, 50);
        assertThat(d.vcpus().get(0).weight()).isEqualTo(512);
        assertThatThrownBy(() -> h.setWeight(d.id(), 0, 0)).hasMessageContaining("weight 0");
        assertThatThrownBy(() -> h.setAffinity(d.vcpus().get(0), new java.util.BitSet())).hasMessageContaining("no pCPU");
        assertThatThrownBy(() -> h.populate(99, 0, 1)).hasMessageContaining("no domain 99");
        assertThatThrownBy(() -> h.selectScheduler("nope")).hasMessageContaining("nope");
    }

    @Test void peekReadsGuestMemoryOrNothing() {
        on();
        Domain d = create();
        assertThat(h.peek(d.vcpus().get(0), 0x1000, 8)).isEmpty();
        assertThatThrownBy(() -> h.peek(d.vcpus().get(0), 0x1000, -1)).isInstanceOf(HypervisorException.class);
        long[] t = h.populate(d.id(), 0, 5);
        for (int i = 0; i < 4; i++) {
            Raw.put64(h.memory().address(t[i]), t[i + 1] << 12 | (i == 3 ? 5 : 7));
        }
        Raw.put64(h.memory().address(t[4]) + 16, 0x0102_0304_0506_0708L);
        h.pinTable(d.id(), PageTableLevel.L4, t[0]);
        h.start(d.id(), new VcpuStart(0, 0x1000, 0, t[0]));
        assertThat(h.peek(d.vcpus().get(0), 16, 8).orElseThrow()).containsExactly(8, 7, 6, 5, 4, 3, 2, 1);
    }

    @Test void guestsStandStillWhileThereIsNoMachineAndGoOnWithTheNext() {
        on();
        FakeMachine.FakeBoard first = machine.board;
        h.plugins.remove("fake", machine);
        assertThat(first.closed).isTrue();
        Domain d = create();
        assertThat(h.populate(d.id(), 0, 1)).hasSize(1);
        FakeMachine next = new FakeMachine();
        h.plugins.add("fake", next);
        assertThat(next.board.closed).isFalse();
        assertThat(h.dmesg()).contains("guests stand still").contains("took over");
    }

    @Test void aSecondMachineTakesOverAtOnce() {
        on();
        FakeMachine second = new FakeMachine();
        h.plugins.add("second", second);
        h.plugins.remove("fake", machine);
        assertThat(second.board).isNotNull();
        assertThat(machine.board.closed).isTrue();
    }

    @Test void anotherMachineIsPutInChargeByNameAndStaysTheOneThatIsWanted() {
        on();
        create();
        FakeMachine second = new FakeMachine() {
            @Override public String name() { return "second"; }
        };
        assertThatThrownBy(() -> h.selectMachine("second")).isInstanceOf(HypervisorException.class).hasMessageContaining("'second'").hasMessageContaining("fake");
        h.plugins.add("second", second);
        var report = h.selectMachine("second");
        assertThat(report.from()).isEqualTo("fake");
        assertThat(report.to()).isEqualTo("second");
        assertThat(report.vcpus()).isEqualTo(1);
        assertThat(machine.board.closed).isTrue();
        assertThat(second.board.closed).isFalse();
        assertThat(h.selectMachine("second").pauseNanos()).isZero();
        h.plugins.remove("fake", machine);
        assertThat(second.board.closed).isFalse();
    }

    @Test void aDomainIsCalledOtherwise() {
        on();
        Domain d = create();
        h.rename(d.id(), "other");
        assertThat(h.domain(d.id()).orElseThrow().name()).isEqualTo("other");
    }
}
