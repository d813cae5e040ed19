package xen.kernel.sched;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import xen.kernel.api.control.CostModel;
import xen.kernel.api.domain.DomainState;
import xen.kernel.api.domain.RunState;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;
import xen.kernel.event.Virq;
import xen.kernel.testing.TestCore;
import xen.kernel.time.MachineClock;

@Timeout(20)
class DispatcherTest {
    private static final long MS = 1_000_000;
    private TestCore t;
    private Script script;

    private void machine(String topology) { machine(new TestCore(topology)); }

    private void machine(TestCore core) {
        t = core;
        script = new Script(t.core.pcpus());
        t.core.board(script);
        t.core.dispatcher.exits(script);
    }

    @AfterEach void close() {
        if (t != null) {
            t.core.dispatcher.stop();
            assertThat(script.broken).isNull();
            t.close();
        }
    }

    /** Runs the machine until machine time {@code nanos}. */
    private void runUntil(long nanos) {
        CountDownLatch end = new CountDownLatch(1);
        t.core.timeline.at(nanos, () -> {
            t.core.dispatcher.stopping = true;
            end.countDown();
        });
        t.core.dispatcher.start();
        await(end);
        t.core.dispatcher.stop();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(15, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test void oneBusyVcpuGetsAllTimeInstructionByInstruction() {
        machine("1x1x1");
        VcpuImpl v = t.running(1).vcpu(0);
        runUntil(50 * MS);
        assertThat(v.context.retired()).isEqualTo(50 * MS);
        assertThat(v.cpuNanos()).isEqualTo(50 * MS);
        assertThat(v.runState()).isEqualTo(RunState.RUNNABLE);
    }

    @Test void twoBusySiblingsDoAsMuchWorkAsTheFactorSaysAndTimeIsTheSame() {
        machine(new TestCore("1x1x2", CostModel.FREE.withSmt(160)));
        DomainImpl d = t.running(2);
        runUntil(160 * MS);
        for (VcpuImpl v : d.vcpus()) {
            assertThat(v.cpuNanos()).isCloseTo(160 * MS, within(40_000L));
            assertThat(v.context.retired()).isCloseTo(100 * MS, within(40_000L));
        }
    }

    @Test void aLoneThreadOfACoreIsNotSlowedDown() {
        machine(new TestCore("1x2x2", CostModel.FREE.withSmt(160)));
        VcpuImpl v = t.running(1).vcpu(0);
        runUntil(50 * MS);
        assertThat(v.context.retired()).isEqualTo(50 * MS);
    }

    @Test void changingTheVcpuAndLeavingTheCachesBehindCostsTime() {
        machine(new TestCore("2x1x1", new CostModel(1, 1_000, 100, 20_000, 60_000, 20_000)));
        VcpuImpl v = t.running(1).vcpu(0);
        t.locked(() -> v.sched.affinity(bits(0)));
        t.core.timeline.at(10 * MS, () -> t.locked(() -> v.sched.affinity(bits(1))));
        runUntil(20 * MS);
        // two switches and one remote migration
        assertThat(20 * MS - v.context.retired()).isEqualTo(2 * 1_000 + 60_000);
        assertThat(v.cpuNanos()).isEqualTo(20 * MS);
    }

    private static BitSet bits(int p) {
        BitSet b = new BitSet();
        b.set(p);
        return b;
    }

    @Test void twoVcpusShareOnePcpuEvenly() {
        machine("1x1x1");
        DomainImpl a = t.running(1);
        DomainImpl b = t.running(1);
        runUntil(1000 * MS);
        assertThat(a.vcpu(0).cpuNanos()).isEqualTo(500 * MS);
        assertThat(b.vcpu(0).cpuNanos()).isEqualTo(500 * MS);
        assertThat(b.vcpu(0).time.nanosIn(RunState.RUNNABLE)).isEqualTo(500 * MS);
    }

    @Test void idleTimeIsSkippedToTheTimerAndTheTimerIsExact() {
        machine("1x1x1");
        VcpuImpl v = t.running(1).vcpu(0);
        v.domain.events.bindVirq(Virq.TIMER, 0);
        List<Long> woke = new ArrayList<>();
        script.program(v, 1000, x -> {
            woke.add(t.clock.now());
            x.info.mask(0);
            // the guest's handler takes the event
            xen.kernel.api.hw.Raw.put64(x.info.address(), 0);
            xen.kernel.api.hw.Raw.put64(x.info.address() + 8, 0);
            xen.kernel.api.hw.Raw.put64(xen.kernel.event.SharedInfo.address(x.domain) + 2048, 0);
            x.time.setSingleshot(t.clock.now() + 3600_000 * MS, 1);
            x.sched.block();
        });
        runUntil(3 * 3600_000 * MS);
        assertThat(woke).hasSize(3);
        assertThat(woke.get(0)).isEqualTo(1000);
        // 100 cycles for the exit before it slept; the timer counts from before
        assertThat(woke.get(1)).isEqualTo(1000 + 3600_000 * MS + 1000);
        assertThat(v.time.nanosIn(RunState.BLOCKED)).isGreaterThan(3 * 3600_000 * MS - MS);
    }

    @Test void aRunOnFourPcpusIsTheSameEveryTime() {
        String first = fourPcpus();
        assertThat(first).isNotEmpty().isEqualTo(fourPcpus());
    }

    private String fourPcpus() {
        machine("1x2x2");
        script.tracing = true;
        DomainImpl a = t.running(6);
        int[] ipi = new int[6];
        for (int i = 0; i < 6; i++) {
            ipi[i] = a.events.bindIpi(i);
        }
        for (int i = 0; i < 6; i++) {
            int me = i;
            script.program(a.vcpu(i), 3000 + 777 * i, v -> {
                xen.kernel.api.hw.Raw.put64(v.info.address(), 0);
                xen.kernel.api.hw.Raw.put64(v.info.address() + 8, 0);
                xen.kernel.api.hw.Raw.put64(xen.kernel.event.SharedInfo.address(a) + 2048, 0);
                a.events.send(ipi[(me + 1) % 6]);
                if (me % 2 == 1) {
                    v.sched.block();
                }
            });
        }
        runUntil(5 * MS);
        String s = script.trace.toString();
        assertThat(s).contains("@0 ").contains("@1 ").contains("@2 ").contains("@3 ");
        close();
        t = null;
        return s;
    }

    @Test void allPcpusWorkWhenThereIsWorkAndTimeIsExactOnEach() {
        machine("2x2x1");
        DomainImpl d = t.running(4);
        runUntil(20 * MS);
        for (VcpuImpl v : d.vcpus()) {
            assertThat(v.cpuNanos()).isCloseTo(20 * MS, within(2L * CostModel.FREE.windowNanos()));
        }
    }

    @Test void anActionRunsWhenEveryBusyPcpuHasComeToItsTime() {
        machine("1x2x1");
        DomainImpl d = t.running(2);
        List<Long> seen = new ArrayList<>();
        t.core.timeline.at(12_345, () -> {
            seen.add(t.clock.now());
            d.vcpus().forEach(v -> seen.add(v.context.retired()));
        });
        runUntil(MS);
        assertThat(seen).containsExactly(12_345L, 12_345L, 12_345L);
    }

    @Test void aVcpuThatMovesNeverSeesItsTimeGoBack() {
        machine("1x3x1");
        DomainImpl d = t.running(5);
        long[] last = new long[5];
        List<String> wrong = new ArrayList<>();
        for (VcpuImpl v : d.vcpus()) {
            script.program(v, 1234 + v.id(), x -> {
                long now = t.clock.tsc();
                if (now < last[x.id()]) {
                    wrong.add(x + " " + now + " after " + last[x.id()]);
                }
                last[x.id()] = now;
                x.sched.yield();
            });
        }
        runUntil(10 * MS);
        assertThat(wrong).isEmpty();
        assertThat(last).doesNotContain(0);
    }

    @Test void aPausedDomainStopsAndGoesOn() {
        machine("1x1x1");
        DomainImpl d = t.running(1);
        t.core.timeline.at(10 * MS, () -> t.locked(() -> {
            d.state(DomainState.PAUSED);
            d.vcpus().forEach(v -> v.sched.refresh());
        }));
        t.core.timeline.at(30 * MS, () -> t.locked(() -> {
            d.state(DomainState.RUNNING);
            d.vcpus().forEach(v -> v.sched.refresh());
        }));
        runUntil(50 * MS);
        assertThat(d.vcpu(0).cpuNanos()).isEqualTo(30 * MS);
        assertThat(d.vcpu(0).time.nanosIn(RunState.OFFLINE)).isEqualTo(20 * MS);
    }

    @Test void affinityMovesAVcpuAtOnce() {
        machine("1x2x1");
        DomainImpl d = t.running(1);
        BitSet only1 = new BitSet();
        only1.set(1);
        t.core.timeline.at(MS, () -> d.vcpu(0).sched.affinity(only1));
        runUntil(3 * MS);
        assertThat(d.vcpu(0).lastPcpu()).isEqualTo(1);
        assertThat(d.vcpu(0).cpuNanos()).isCloseTo(3 * MS, within(2L * CostModel.FREE.windowNanos()));
    }

    @Test void pollEndsWithItsPortOrItsDeadline() {
        machine("1x2x1");
        DomainImpl d = t.running(2);
        int port = d.events.bindIpi(0);
        int other = d.events.bindIpi(0);
        List<String> log = new ArrayList<>();
        script.program(d.vcpu(0), 1000, v -> {
            log.add("woke " + t.clock.now() / MS);
            xen.kernel.api.hw.Raw.put64(xen.kernel.event.SharedInfo.address(d) + 2048, 0);
            v.sched.poll(new int[] {port}, log.size() == 1 ? 0 : t.clock.now() + 5 * MS);
        });
        // masked: only a poller notices
        xen.kernel.api.hw.Raw.put64(xen.kernel.event.SharedInfo.address(d) + 2560, -1);
        t.core.timeline.at(2 * MS, () -> t.locked(() -> d.events.send(other)));
        t.core.timeline.at(4 * MS, () -> t.locked(() -> d.events.send(port)));
        runUntil(11 * MS);
        assertThat(log).containsExactly("woke 0", "woke 4", "woke 9");
    }

    @Test void aMachineBugEndsOnlyTheVcpuThatMetIt() {
        machine("1x1x1");
        DomainImpl a = t.running(1);
        DomainImpl b = t.running(1);
        script.program(a.vcpu(0), 100, v -> { throw new IllegalStateException("on purpose"); });
        runUntil(10 * MS);
        assertThat(a.vcpu(0).runnable()).isFalse();
        assertThat(b.vcpu(0).cpuNanos()).isGreaterThan(9 * MS);
    }

    @Test void quiescedStopsEveryPcpuBetweenTwoInstructions() {
        machine("1x2x1");
        DomainImpl d = t.running(3);
        t.core.dispatcher.start();
        for (int i = 0; i < 50; i++) {
            t.core.dispatcher.quiesced(() -> {
                long[] before = d.vcpus().stream().mapToLong(v -> v.context.retired()).toArray();
                Thread.onSpinWait();
                assertThat(d.vcpus().stream().mapToLong(v -> v.context.retired()).toArray()).isEqualTo(before);
            });
        }
        t.core.dispatcher.stop();
        assertThat(d.vcpus()).allMatch(v -> v.sched.pcpu() == -1);
    }

    @Test void anIdleMachineSleepsAndTimeStandsStillUntilSomethingIsPosted() {
        machine("1x1x1");
        t.core.dispatcher.start();
        CountDownLatch ran = new CountDownLatch(1);
        t.core.timeline.post(ran::countDown);
        await(ran);
        assertThat(t.clock.now()).isZero();
    }

    @Test void inRealTimePcpusRunInParallelAndQuiesceStopsThem() {
        long[] host = {0};
        machine(new TestCore("1x2x1", null, MachineClock.real(1_000_000_000L)));
        DomainImpl d = t.running(3);
        int[] ipi = {d.events.bindIpi(0), d.events.bindIpi(1), d.events.bindIpi(2)};
        for (VcpuImpl v : d.vcpus()) {
            script.program(v, 10_000_000 + v.id(), x -> d.events.send(ipi[(x.id() + 1) % 3]));
        }
        t.core.dispatcher.start();
        CountDownLatch timer = new CountDownLatch(1);
        t.core.timeline.at(t.clock.now() + 20 * MS, timer::countDown);
        await(timer);
        // a busy host may take its time to give each thread a turn
        long deadline = System.nanoTime() + 60_000 * MS;
        while (d.vcpus().stream().anyMatch(v -> v.context.retired() == 0) && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        for (int i = 0; i < 100; i++) {
            t.core.dispatcher.quiesced(() -> {
                long sum = d.vcpus().stream().mapToLong(v -> v.context.retired()).sum();
                host[0] += sum;
                assertThat(d.vcpus().stream().mapToLong(v -> v.context.retired()).sum()).isEqualTo(sum);
            });
        }
        BitSet one = new BitSet();
        one.set(1);
        List<Integer> called = new ArrayList<>();
        t.locked(() -> t.core.dispatcher.onAllPcpus(one, called::add));
        assertThat(called).containsExactly(1);
        t.core.dispatcher.stop();
        assertThat(d.vcpus()).allMatch(v -> v.context.retired() > 0);
    }

    @Test void aReplacedBoardFindsNoTraceOfTheOldOneInTheContexts() {
        machine("1x1x1");
        DomainImpl d = t.running(1);
        t.core.dispatcher.start();
        Script next = new Script(1);
        assertThat(t.core.dispatcher.replaceBoard(next)).isSameAs(script);
        assertThat(t.core.board()).isSameAs(next);
        t.core.dispatcher.stop();
        assertThat(d.vcpu(0).context.retired()).isNotNegative();
    }
}
