package xen.sched.rr;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.sched.kit.SchedulerSim;
import xen.kernel.api.sched.kit.SimVcpu;
import xen.kernel.testing.SchedulerContract;

class RoundRobinTest {
    private static final long MS = 1_000_000;

    private static RoundRobin make() { return new RoundRobin(RrPolicy.DEFAULT); }

    @TestFactory Stream<DynamicTest> contract() {
        return SchedulerContract.checks(RoundRobinTest::make).entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(e.getKey(), e.getValue()::run));
    }

    @Test void workIsStolenFromTheSiblingFirstThenTheSocketThenRemotely() {
        RoundRobin rr = make();
        SchedulerSim sim = new SchedulerSim(new Topology(2, 2, 2));
        sim.use(rr);
        for (int i = 0; i < 16; i++) {
            sim.add("v" + i);
        }
        sim.runUntil(50 * MS);
        // queues are even: one waits behind each. Now the vCPUs of pCPU 0 end, and it looks for work
        assertThat(rr.stats().snapshot().stealsSibling()).isZero();
        sim.vcpus().stream().filter(v -> v.lastPcpu() == 0).toList().forEach(sim::stop);
        sim.at(50 * MS, () -> { });
        sim.runUntil(60 * MS);
        RrStats.Snapshot s = rr.stats().snapshot();
        assertThat(s.stealsSibling()).isPositive();
        assertThat(s.stealsRemote()).isZero();
    }

    /** Two sockets of two cores of two threads; each pCPU has {@code waiting} vCPUs behind the one that runs. */
    private static SchedulerSim loaded(RoundRobin rr, int each) {
        SchedulerSim sim = new SchedulerSim(new Topology(2, 2, 2));
        sim.use(rr);
        for (int i = 0; i < 8 * each; i++) {
            sim.add("v" + i);
        }
        sim.runUntil(5 * MS);
        return sim;
    }

    private static void end(SchedulerSim sim, java.util.function.IntPredicate pcpu) {
        sim.vcpus().stream().filter(v -> pcpu.test(v.lastPcpu())).toList().forEach(sim::stop);
        sim.at(5 * MS, () -> { });
    }

    @Test void aWholeCoreWithoutWorkStealsFromItsSocketBeforeTheOther() {
        RoundRobin rr = make();
        SchedulerSim sim = loaded(rr, 3);
        end(sim, p -> p < 2);
        sim.runUntil(12 * MS);
        RrStats.Snapshot s = rr.stats().snapshot();
        assertThat(s.stealsSibling() + s.stealsSocket()).isPositive();
        assertThat(s.stealsRemote()).as("both sockets have work of their own").isZero();
    }

    @Test void aSocketWithoutWorkStealsFromTheOther() {
        RoundRobin rr = make();
        SchedulerSim sim = new SchedulerSim(new Topology(2, 1, 1));
        sim.use(rr);
        for (int i = 0; i < 4; i++) {
            sim.add("v" + i);
        }
        sim.runUntil(15 * MS);
        sim.vcpus().stream().filter(v -> v.lastPcpu() == 0).toList().forEach(sim::stop);
        sim.at(15 * MS, () -> { });
        sim.runUntil(30 * MS);
        assertThat(rr.stats().snapshot().stealsRemote()).isPositive();
        assertThat(sim.idleWhileWaiting()).isZero();
    }

    @Test void aLoneVcpuThatIsJustAboutToRunOnItsOwnPcpuIsNotStolen() {
        RoundRobin rr = make();
        SchedulerSim sim = new SchedulerSim(new Topology(1, 2, 1));
        sim.use(rr);
        SimVcpu first = sim.add("first");
        SimVcpu second = sim.add("second");
        sim.runUntil(MS);
        SimVcpu onOne = first.lastPcpu() == 1 ? first : second;
        SimVcpu onZero = first.lastPcpu() == 0 ? first : second;
        sim.at(MS, () -> sim.stop(onOne));
        sim.runUntil(2 * MS);
        // in one moment pCPU 0 loses its vCPU and the other one wakes on pCPU 1, which has not looked yet when pCPU 0 looks for work
        sim.at(2 * MS, () -> {
            sim.wake(onOne);
            sim.stop(onZero);
        });
        sim.runUntil(3 * MS);
        assertThat(onOne.lastPcpu()).isEqualTo(1);
        assertThat(rr.stats().snapshot().stealsSocket()).isZero();
    }

    @Test void wokenVcpusTakeWholeIdleCoresBeforeIdleSiblings() {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 4, 2));
        sim.use(make());
        for (int i = 0; i < 4; i++) {
            sim.add("v" + i);
        }
        sim.runUntil(MS);
        assertThat(sim.vcpus().stream().map(v -> v.lastPcpu() / 2).distinct()).hasSize(4);
    }

    @TestFactory Stream<DynamicTest> contractOfStaticPlacementWithoutWorkConservation() {
        return SchedulerContract.checks(() -> new RoundRobin(RrPolicy.DEFAULT.fixed())).entrySet().stream()
                .filter(e -> e.getKey().contains("storm") || e.getKey().contains("one pCPU within") || e.getKey().contains("affinity")
                        || e.getKey().contains("cap "))
                .map(e -> DynamicTest.dynamicTest(e.getKey(), e.getValue()::run));
    }

    @Test void aSleeperRunsAtOnceOnAFullMachine() {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 1, 1));
        sim.use(make());
        sim.add("busy1");
        sim.add("busy2");
        SimVcpu sleeper = sim.add("sleeper");
        sleeper.burst = MS / 2;
        sleeper.pause = 10 * MS;
        sim.runUntil(5000 * MS);
        // half of 10.5 ms and at most 0.2 ms of rate limit each time
        assertThat(sleeper.ran()).isGreaterThan(5000 * MS / 22);
    }

    @Test void theBoostCannotBeAbused() {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 1, 1));
        sim.use(make());
        SimVcpu honest = sim.add("honest");
        SimVcpu napper = sim.add("napper");
        napper.burst = MS;
        napper.pause = 1000;
        sim.runUntil(10_000 * MS);
        assertThat(napper.ran()).isLessThan(6000 * MS);
        assertThat(honest.ran()).isGreaterThan(4000 * MS);
    }

    @Test void aVcpuComesBackToWhereItRanLast() {
        SchedulerSim sim = new SchedulerSim(new Topology(2, 4, 1));
        sim.use(make());
        SimVcpu v = sim.add("v");
        v.burst = MS;
        v.pause = MS;
        sim.runUntil(MS / 2);
        int home = v.lastPcpu();
        for (int i = 1; i < 100; i++) {
            sim.runUntil(i * MS);
            assertThat(v.lastPcpu()).isEqualTo(home);
        }
    }
}
