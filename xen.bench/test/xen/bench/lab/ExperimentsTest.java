package xen.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import xen.sched.bvt.BorrowedVirtualTime;
import xen.sched.bvt.BvtPolicy;
import xen.sched.credit.Credit;
import xen.sched.credit.CreditPolicy;
import xen.sched.gang.GangPolicy;
import xen.sched.gang.GangScheduler;
import xen.sched.rr.RoundRobin;
import xen.sched.rr.RrPolicy;

/** What the laboratory's charts claim, in virtual time: exact on every host. */
@Timeout(120)
class ExperimentsTest {
    private static final long MS = 1_000_000;
    private final Map<String, Map<String, Object>> byScheduler = new HashMap<>();
    private Bed bed;

    @BeforeEach void schedulers() {
        bed = new Bed().with("rr", new RoundRobin(RrPolicy.DEFAULT)).with("rr-static", new RoundRobin(RrPolicy.DEFAULT.fixed()))
                .with("gang", new GangScheduler(GangPolicy.DEFAULT)).with("gang-relaxed", new GangScheduler(GangPolicy.DEFAULT.relaxed(true)))
                .with("bvt", new BorrowedVirtualTime(BvtPolicy.DEFAULT)).with("credit", new Credit(CreditPolicy.DEFAULT));
    }

    private Report report(String name) {
        Experiment e = Experiments.all().stream().filter(x -> x.name().equals(name)).findFirst().orElseThrow();
        try {
            Report r = e.run((what, done, all, setup) -> bed.lab.run(setup.shorter(4)), 1);
            for (Map<String, Object> row : r.rows()) {
                byScheduler.put(row.get("scheduler") + (row.containsKey("over-commitment") ? " " + row.get("over-commitment") : ""), row);
            }
            return r;
        } catch (InterruptedException x) {
            throw new AssertionError(x);
        }
    }

    private double figure(String scheduler, String column) { return ((Number) byScheduler.get(scheduler).get(column)).doubleValue(); }

    @Test void theSameSeedGivesTheSameFiguresAndAnotherSeedOthers() {
        var domains = java.util.List.of(new DomainSpec("a", 4, Workloads.spin(30_000, 5_000, true)), new DomainSpec("b", 3, Workloads.bursts(MS, MS)));
        Outcome first = bed.run(new Setup("1x2x2", "rr", domains, 7, 300 * MS));
        Outcome again = bed.run(new Setup("1x2x2", "rr", domains, 7, 300 * MS));
        Outcome other = bed.run(new Setup("1x2x2", "rr", domains, 8, 300 * MS));
        assertThat(again.ran()).isEqualTo(first.ran());
        assertThat(again.spun()).isEqualTo(first.spun());
        assertThat(again.operations()).isEqualTo(first.operations());
        assertThat(again.figures()).isEqualTo(first.figures());
        assertThat(other.spun()).isNotEqualTo(first.spun());
    }

    @Test void gangsDoMoreThanTwiceTheWorkOnOverCommittedSpinLocks() {
        report("spin");
        for (String over : new String[] {" 2:1", " 4:1"}) {
            assertThat(figure("gang" + over, "operations/s")).isGreaterThan(2 * figure("rr" + over, "operations/s"));
            assertThat(figure("gang-relaxed" + over, "operations/s")).isGreaterThan(2 * figure("rr" + over, "operations/s"));
            assertThat(figure("gang" + over, "Jain")).isGreaterThan(0.99);
        }
        assertThat(figure("gang 1:1", "operations/s")).isCloseTo(figure("rr 1:1", "operations/s"), within(2_000.0));
    }

    @Test void gangsCostLessThanFivePercentOnIndependentLoads() {
        report("independent");
        for (String over : new String[] {" 1:1", " 2:1", " 4:1"}) {
            assertThat(figure("gang" + over, "operations/s")).isGreaterThan(0.95 * figure("rr" + over, "operations/s"));
        }
    }

    @Test void noPcpuIdlesWhileWorkWaitsWithStealingAndManyDoWithout() {
        report("idle");
        assertThat(figure("rr", "idle while work waits, ms")).isZero();
        assertThat(figure("rr-static", "idle while work waits, ms")).isGreaterThan(100);
    }

    @Test void stealsStayWithinTheCoreMoreOftenThanChanceWouldHaveIt() {
        report("steal");
        assertThat(figure("rr", "sibling %")).isGreaterThan(60);
        assertThat(figure("rr", "remote")).isLessThan(figure("rr", "steals") / 50);
    }

    @Test void sharesFollowTheWeights() {
        report("share");
        assertThat(figure("rr", "share error %")).isLessThan(3);
        assertThat(figure("bvt", "share error %")).isLessThan(3);
        assertThat(figure("credit", "share error %")).isLessThan(6);
        assertThat(figure("gang", "share error %")).isLessThan(3);
    }

    @Test void aWokenVcpuRunsBeforeTheHogs() {
        report("latency");
        assertThat(figure("rr", "p50 us")).isLessThan(100);
        assertThat(figure("rr", "p99 us")).isLessThan(500);
        assertThat(figure("gang", "p99 us")).isLessThan(500);
    }

    @Test void wholeCoresAreFilledFirst() {
        report("smt");
        assertThat(figure("rr", "of 4 whole cores, %")).isGreaterThan(99);
        assertThat(figure("gang", "of 4 whole cores, %")).isGreaterThan(99);
    }

    @Test void aThousandSwapsLoseNobodyAndChangeNothing() {
        Report r = report("swap");
        for (int row = 0; row < 3; row++) {
            assertThat(r.number(row, "failures")).isZero();
            assertThat(r.number(row, "least of a vCPU")).isPositive();
            assertThat(r.number(row, "capped ms")).isCloseTo(200, within(10.0));
        }
    }

    @Test void aGanttChartIsDrawnFromATrace(@TempDir Path dir) throws Exception {
        System.setProperty("java.awt.headless", "true");
        Report r = report("gantt");
        Path svg = dir.resolve("gantt.svg");
        Charts.write(r.plot(), svg);
        // a colour a guest; not contains(): a chart is long
        String text = Files.readString(svg);
        assertThat(text.contains("rgb(0,114,178)") && text.contains("rgb(213,94,0)")).isTrue();
        assertThat(r.json(1)).contains("\"experiment\":\"gantt\"");
    }
}
