package xen.sched.bvt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.sched.kit.SchedulerSim;
import xen.kernel.api.sched.kit.SimVcpu;
import xen.kernel.testing.SchedulerContract;

class BorrowedVirtualTimeTest {
    private static final long MS = 1_000_000;

    private static BorrowedVirtualTime make() { return new BorrowedVirtualTime(BvtPolicy.DEFAULT); }

    @TestFactory Stream<DynamicTest> contract() {
        return SchedulerContract.checks(BorrowedVirtualTimeTest::make).entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(e.getKey(), e.getValue()::run));
    }

    @Test void whoWakesOftenRunsSoonAndGainsNothingInTheLongRun() {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 1, 1));
        sim.use(make());
        sim.add("busy");
        SimVcpu sleeper = sim.add("sleeper");
        sleeper.burst = 1 * MS;
        sleeper.pause = 10 * MS;
        SimVcpu greedy = sim.add("greedy");
        greedy.burst = 20 * MS;
        greedy.pause = 1;
        sim.runUntil(6000 * MS);
        // the sleeper asks for 1 of 11 ms: nearly that is what it gets, and greedy no more than its half of the rest
        assertThat(sleeper.ran()).isGreaterThan(400 * MS);
        assertThat(greedy.ran()).isLessThan(3100 * MS);
    }
}
