package xen.sched.gang;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import xen.kernel.api.domain.RunState;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.sched.kit.SchedulerSim;
import xen.kernel.api.sched.kit.SimVcpu;
import xen.kernel.testing.SchedulerContract;

class GangSchedulerTest {
    private static final long MS = 1_000_000;

    private static GangScheduler strict() { return new GangScheduler(GangPolicy.DEFAULT); }

    private static GangScheduler relaxed() { return new GangScheduler(GangPolicy.DEFAULT.relaxed(true)); }

    @TestFactory Stream<DynamicTest> contract() {
        return SchedulerContract.checks(GangSchedulerTest::strict).entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(e.getKey(), e.getValue()::run));
    }

    @TestFactory Stream<DynamicTest> contractWhenRelaxed() {
        return SchedulerContract.checks(GangSchedulerTest::relaxed).entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(e.getKey(), e.getValue()::run));
    }

    private static void gang(SchedulerSim sim, int number, int size) {
        for (int i = 0; i < size; i++) {
            sim.add("g" + number + "." + i).gang = number;
        }
    }

    private static long running(SchedulerSim sim, int gang) {
        return sim.vcpus().stream().filter(v -> v.gang == gang && v.runState() == RunState.RUNNING).count();
    }

    @Test void twoGangsTakeTurnsAndEachRunsAsAWhole() {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 4, 1));
        sim.use(strict());
        gang(sim, 1, 4);
        gang(sim, 2, 4);
        for (int t = 5; t < 1000; t += 10) {
            sim.runUntil(t * MS);
            assertThat(List.of(running(sim, 1), running(sim, 2))).containsExactlyInAnyOrder(4L, 0L);
        }
        sim.runUntil(1000 * MS);
        assertThat(sim.vcpus()).allSatisfy(v -> assertThat(v.ran()).isEqualTo(500 * MS));
    }

    @Test void alternatesFillTheHolesThatGangsLeave() {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 4, 1));
        GangScheduler g = strict();
        sim.use(g);
        gang(sim, 1, 3);
        gang(sim, 2, 3);
        sim.runUntil(1000 * MS);
        long ran = sim.vcpus().stream().mapToLong(SimVcpu::ran).sum();
        assertThat(ran).isEqualTo(4000 * MS);
        assertThat(g.figures().get("picks.alternates")).isPositive();
        assertThat(g.figures().get("fragmentation.permille")).isBetween(240L, 260L);
    }

    @Test void smallGangsShareARow() {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 4, 1));
        GangScheduler g = strict();
        sim.use(g);
        for (int i = 1; i <= 4; i++) {
            gang(sim, i, 2);
        }
        sim.runUntil(995 * MS);
        for (int i = 1; i <= 4; i++) {
            assertThat(running(sim, i)).isIn(0L, 2L);
        }
        assertThat(g.figures().get("fragmentation.permille")).isLessThan(20);
    }

    @Test void relaxedModeStopsTheLeaderUntilItsSiblingCatchesUp() {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 2, 1));
        GangScheduler g = relaxed();
        sim.use(g);
        gang(sim, 1, 2);
        SimVcpu rival = sim.add("rival");
        // the rival may run where the second member must: that member falls behind
        rival.affinity = new java.util.BitSet();
        rival.affinity.set(1);
        sim.vcpus().get(1).affinity = (java.util.BitSet) rival.affinity.clone();
        sim.runUntil(2000 * MS);
        SimVcpu leader = sim.vcpus().get(0);
        SimVcpu follower = sim.vcpus().get(1);
        assertThat(Math.abs(leader.ran() - follower.ran())).isLessThan(40 * MS);
        assertThat(g.figures().get("stops")).isPositive();
    }

    @Test void aVcpuThatChangesItsGangRunsWithTheNewOne() {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 2, 1));
        sim.use(strict());
        gang(sim, 1, 2);
        gang(sim, 2, 2);
        sim.runUntil(100 * MS);
        SimVcpu a = sim.vcpus().get(1);
        SimVcpu b = sim.vcpus().get(2);
        a.gang = 2;
        b.gang = 1;
        sim.changed(a);
        sim.changed(b);
        sim.runUntil(200 * MS);
        for (int t = 205; t < 500; t += 10) {
            sim.runUntil(t * MS);
            assertThat(running(sim, 1)).isIn(0L, 2L);
        }
    }
}
