package xen.sched.credit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.sched.kit.SchedulerSim;
import xen.kernel.api.sched.kit.SimVcpu;
import xen.kernel.testing.SchedulerContract;

class CreditTest {
    private static final long MS = 1_000_000;

    private static Credit make() { return new Credit(CreditPolicy.DEFAULT); }

    @TestFactory Stream<DynamicTest> contract() {
        return SchedulerContract.checks(CreditTest::make).entrySet().stream().map(e -> DynamicTest.dynamicTest(e.getKey(), e.getValue()::run));
    }

    @Test void aSleeperIsBoostedAndRunsAlmostAtOnce() {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 1, 1));
        Credit c = make();
        sim.use(c);
        sim.add("busy");
        SimVcpu sleeper = sim.add("sleeper");
        sleeper.burst = MS;
        sleeper.pause = 10 * MS;
        sim.runUntil(3000 * MS);
        // 1 of 11 ms and up to a millisecond of rate limit
        assertThat(sleeper.ran()).isGreaterThan(240 * MS);
        assertThat(c.stats().figures().get("boosts")).isPositive();
    }

    @Test void whoNapsAllTheTimeGetsNoMoreThanItsShare() {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 1, 1));
        sim.use(make());
        SimVcpu honest = sim.add("honest");
        SimVcpu napper = sim.add("napper");
        napper.burst = 9 * MS;
        napper.pause = 1000;
        sim.runUntil(6000 * MS);
        assertThat(honest.ran()).isGreaterThan(2700 * MS);
    }
}
