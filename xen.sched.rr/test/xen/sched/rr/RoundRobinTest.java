package xen.sched.rr;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.sched.kit.SchedulerContract;
import xen.kernel.api.sched.kit.SchedulerSim;
import xen.kernel.api.sched.kit.SimVcpu;

class RoundRobinTest {
    private static final long MS = 1_000_000;

    private static RoundRobin make() { return new RoundRobin(10 * MS); }

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

    @Test void wokenVcpusTakeWholeIdleCoresBeforeIdleSiblings() {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 4, 2));
        sim.use(make());
        for (int i = 0; i < 4; i++) {
            sim.add("v" + i);
        }
        sim.runUntil(MS);
        assertThat(sim.vcpus().stream().map(v -> v.lastPcpu() / 2).distinct()).hasSize(4);
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

    @Test void oneDecisionCostsTheSameForTenAndTenThousandVcpus() {
        SchedulerSim sim = new SchedulerSim(new Topology(4, 16, 2));
        RoundRobin rr = make();
        sim.use(rr);
        for (int i = 0; i < 2000; i++) {
            SimVcpu v = sim.add("v" + i);
            v.burst = 3 * MS + i;
            v.pause = MS;
        }
        sim.runUntil(40 * MS);
        assertThat(rr.stats().snapshot().picks()).isGreaterThan(1000);
    }
}
