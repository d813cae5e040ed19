package xen.kernel.sched;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import xen.kernel.api.control.CpuPools.CpuPool;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.api.sched.Replicable;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;
import xen.kernel.testing.TestCore;
import xen.kernel.time.MachineClock;

/** CPU pools in the core, under guests that are Java. */
@Timeout(60)
class SchedulerPoolsTest {
    private static final long MS = 1_000_000;
    private TestCore t;
    private Script script;
    private AssertionError broken;

    SchedulerPoolsTest() { use(new TestCore("2x2x1", "fifo", MachineClock.virtual(1_000_000_000L, 0)), 4); }

    private void use(TestCore core, int pcpus) {
        t = core;
        script = new Script(pcpus);
        t.core.board(script);
        t.core.dispatcher.exits(script);
    }

    @AfterEach void close() {
        t.core.dispatcher.stop();
        assertThat(script.broken).isNull();
        t.close();
    }

    private SchedulerPools pools() { return t.core.schedulers; }

    /** Serves as many pools as want it. */
    private static final class Copies extends SchedulerPoolTest.Fifo implements Replicable {
        final List<Copies> made = new java.util.ArrayList<>();

        @Override public Scheduler replicate() {
            made.add(new Copies());
            return made.getLast();
        }
    }

    private void runFor(long nanos) {
        CountDownLatch end = new CountDownLatch(1);
        t.core.timeline.at(t.clock.now() + nanos, () -> {
            t.core.dispatcher.stopping = true;
            end.countDown();
        });
        t.core.dispatcher.start();
        try {
            assertThat(end.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        t.core.dispatcher.stop();
    }

    private CpuPool pool(String name, String scheduler, int... pcpus) {
        CpuPool p = pools().create(name, scheduler);
        for (int c : pcpus) {
            pools().removeCpu(0, c);
            pools().addCpu(p.id(), c);
        }
        return p;
    }

    private DomainImpl guest(int vcpus) {
        DomainImpl d = t.added(vcpus);
        for (VcpuImpl v : d.vcpus()) {
            script.program(v, 100_000 + 1000 * v.id(), x -> x.sched.yield());
        }
        return d;
    }

    private static void refused(int errno, String words, Runnable r) {
        assertThatThrownBy(r::run).isInstanceOf(HypervisorException.class).hasMessageContaining(words)
                .extracting(e -> ((HypervisorException) e).errno()).isEqualTo(errno);
    }

    @Test void theMachineBeginsWithOnePoolOfAllPcpus() {
        assertThat(pools().list()).hasSize(1);
        CpuPool p = pools().list().getFirst();
        assertThat(p.name()).isEqualTo("Pool-0");
        assertThat(p.cpus()).isEqualTo(BitSet.valueOf(new long[] {15}));
        assertThat(pools().free().isEmpty()).isTrue();
    }

    @Test void differentPoolsRunDifferentSchedulersAtOnce() {
        SchedulerPoolTest.Fifo first = new SchedulerPoolTest.Fifo();
        SchedulerPoolTest.Fifo second = new SchedulerPoolTest.Fifo();
        pools().added("fifo", first);
        pools().added("other", second);
        DomainImpl a = guest(2);
        DomainImpl b = guest(2);
        CpuPool p = pool("batch", "other", 2, 3);
        pools().move(b.id(), p.id());
        runFor(20 * MS);
        assertThat(pools().list()).extracting(CpuPool::scheduler).containsExactly("fifo", "other");
        assertThat(a.vcpus()).allMatch(v -> v.lastPcpu() < 2 && v.cpuNanos() > 18 * MS);
        assertThat(b.vcpus()).allMatch(v -> v.lastPcpu() >= 2 && v.cpuNanos() > 18 * MS);
        assertThat(second.queue).containsExactlyInAnyOrderElementsOf(b.vcpus());
    }

    @Test void aSwapOfOnePoolLeavesTheOthersAlone() {
        SchedulerPoolTest.Fifo kept = new SchedulerPoolTest.Fifo();
        pools().added("fifo", kept);
        DomainImpl a = guest(2);
        DomainImpl b = guest(2);
        CpuPool p = pool("batch", "bypass", 2, 3);
        pools().move(b.id(), p.id());
        for (int i = 0; i < 50; i++) {
            String name = "s" + i % 2;
            t.core.timeline.at(i * MS, () -> {
                pools().added(name, new SchedulerPoolTest.Fifo());
                assertThat(pools().selectScheduler(p.id(), name).vcpus()).isEqualTo(2);
            });
        }
        runFor(60 * MS);
        assertThat(pools().first().has(kept)).isTrue();
        assertThat(kept.stopped).isFalse();
        assertThat(a.vcpus()).allMatch(v -> v.cpuNanos() > 50 * MS);
        assertThat(b.vcpus()).allMatch(v -> v.cpuNanos() > 50 * MS);
        assertThat(pools().failures()).isZero();
    }

    @Test void oneServiceServesSeveralPoolsWithAnInstanceEachWhenItCan() {
        Copies service = new Copies();
        pools().added("fifo", service);
        CpuPool p = pool("two", "fifo", 3);
        DomainImpl b = guest(1);
        pools().move(b.id(), p.id());
        runFor(5 * MS);
        assertThat(service.made).hasSize(1);
        assertThat(service.made.getFirst().queue).containsExactly(b.vcpu(0));
        pools().removed("fifo", service);
        assertThat(pools().list()).extracting(CpuPool::scheduler).containsExactly("bypass", "bypass");
        pools().added("fifo", new Copies());
        assertThat(pools().list()).as("an update brings it back to both").extracting(CpuPool::scheduler).containsExactly("fifo", "fifo");
        runFor(5 * MS);
        assertThat(b.vcpu(0).cpuNanos()).isGreaterThan(9 * MS);
    }

    @Test void aServiceForOnePoolIsRefusedToASecond() {
        pools().added("fifo", new SchedulerPoolTest.Fifo());
        refused(Errno.EBUSY, "can serve only one", () -> pools().create("two", "fifo"));
        assertThat(pools().list()).hasSize(1);
    }

    @Test void aSchedulerThatThrowsCostsItsPoolAloneItsPolicy() {
        SchedulerPoolTest.Fifo good = new SchedulerPoolTest.Fifo();
        SchedulerPoolTest.Fifo bad = new SchedulerPoolTest.Fifo();
        pools().added("fifo", good);
        pools().added("bad", bad);
        DomainImpl b = guest(3);
        CpuPool p = pool("two", "bad", 2, 3);
        pools().move(b.id(), p.id());
        runFor(5 * MS);
        bad.throwIn = "pick";
        runFor(20 * MS);
        assertThat(pools().list()).extracting(CpuPool::scheduler).containsExactly("fifo", "bypass");
        assertThat(pools().failures()).isEqualTo(1);
        assertThat(b.vcpus()).allMatch(v -> v.cpuNanos() > 10 * MS);
    }

    @Test void whatXenRefusesIsRefused() {
        CpuPool p = pools().create("two", "bypass");
        refused(Errno.ENOENT, "no scheduler named 'nosuch'", () -> pools().create("three", "nosuch"));
        refused(Errno.EEXIST, "already", () -> pools().create("two", "bypass"));
        refused(Errno.EINVAL, "no name for a pool", () -> pools().create("a b", "bypass"));
        refused(Errno.EBUSY, "remove it there first", () -> pools().addCpu(p.id(), 0));
        refused(Errno.ENODEV, "is not in pool", () -> pools().removeCpu(p.id(), 0));
        refused(Errno.EINVAL, "no pCPU 4", () -> pools().removeCpu(0, 4));
        refused(Errno.ENOENT, "no pool 7", () -> pools().destroy(7));
        refused(Errno.EBUSY, "first", () -> pools().destroy(0));
        DomainImpl d = guest(1);
        refused(Errno.ENODEV, "has no pCPU", () -> pools().move(d.id(), p.id()));
        refused(Errno.ESRCH, "no domain 99", () -> pools().move(99, p.id()));
        pools().removeCpu(0, 3);
        pools().addCpu(p.id(), 3);
        pools().move(d.id(), p.id());
        refused(Errno.EBUSY, "has 1 domain", () -> pools().destroy(p.id()));
        refused(Errno.EBUSY, "which has domains", () -> pools().removeCpu(p.id(), 3));
        for (int c = 0; c < 2; c++) {
            pools().removeCpu(0, c);
        }
        refused(Errno.EBUSY, "which needs one", () -> pools().removeCpu(0, 2));
        pools().move(d.id(), 0);
        pools().destroy(p.id());
        assertThat(pools().free()).as("a destroyed pool's pCPUs are free").isEqualTo(BitSet.valueOf(new long[] {11}));
        pools().rename(0, "rest");
        assertThat(pools().list()).extracting(CpuPool::name).containsExactly("rest");
    }

    @Test void parametersSurviveEveryMoveAndAnAffinityOutsideThePoolIsSetAside() {
        DomainImpl d = guest(2);
        d.vcpu(0).sched.parameters(512, 40);
        d.vcpu(0).sched.affinity(BitSet.valueOf(new long[] {1}));
        d.vcpu(1).sched.gang(3);
        CpuPool p = pool("two", "bypass", 2, 3);
        pools().move(d.id(), p.id());
        assertThat(d.vcpu(0).mayRunOn(0)).isFalse();
        assertThat(d.vcpu(0).mayRunOn(2)).as("set aside").isTrue();
        runFor(5 * MS);
        assertThat(d.vcpu(0).lastPcpu()).isGreaterThanOrEqualTo(2);
        pools().move(d.id(), 0);
        assertThat(d.vcpu(0).mayRunOn(0)).isTrue();
        assertThat(d.vcpu(0).mayRunOn(1)).as("the affinity counts again").isFalse();
        assertThat(List.of(d.vcpu(0).weight(), d.vcpu(0).cap(), d.vcpu(1).gang())).containsExactly(512, 40, 3);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void aStormOfMovesLosesNobodyAndKeepsEverybodyInHisPool(int seed) {
        assertThat(storm(seed)).isEqualTo(stormAgain(seed));
    }

    private String stormAgain(int seed) {
        close();
        use(new TestCore("2x2x1", "fifo", MachineClock.virtual(1_000_000_000L, 0)), 4);
        return storm(seed);
    }

    /** @return who ran how long, and where at the end: the same on every run */
    private String storm(int seed) {
        Random r = new Random(seed);
        pools().added("fifo", new Copies());
        pools().added("other", new Copies());
        List<DomainImpl> domains = List.of(guest(1), guest(2), guest(3));
        pools().create("p1", "other");
        pools().create("p2", "fifo");
        for (int i = 0; i < 300; i++) {
            t.core.timeline.at(i * MS / 3 + i, () -> {
                try {
                    disturb(r, domains);
                    check(domains);
                } catch (AssertionError e) {
                    broken = broken == null ? e : broken;
                }
            });
        }
        runFor(110 * MS);
        assertThat(broken).isNull();
        check(domains);
        assertThat(pools().failures()).isZero();
        long[] before = domains.stream().flatMap(d -> d.vcpus().stream()).mapToLong(VcpuImpl::cpuNanos).toArray();
        domains.forEach(d -> d.vcpus().forEach(v -> t.locked(() -> v.sched.up(true))));
        runFor(200 * MS);
        long[] after = domains.stream().flatMap(d -> d.vcpus().stream()).mapToLong(VcpuImpl::cpuNanos).toArray();
        for (int i = 0; i < after.length; i++) {
            assertThat(after[i]).as("vCPU %s runs on", i).isGreaterThan(before[i]);
        }
        return TestCore.cpuTimes(domains.toArray(DomainImpl[]::new)) + pools().list().toString() + t.clock.now();
    }

    private void disturb(Random r, List<DomainImpl> domains) {
        try {
            switch (r.nextInt(6)) {
                case 0 -> pools().removeCpu(r.nextInt(3), r.nextInt(4));
                case 1, 2 -> pools().addCpu(r.nextInt(3), r.nextInt(4));
                case 3 -> pools().move(domains.get(r.nextInt(3)).id(), r.nextInt(3));
                case 4 -> pools().selectScheduler(r.nextInt(3), List.of("fifo", "other", "bypass").get(r.nextInt(3)));
                default -> {
                    DomainImpl d = domains.get(r.nextInt(3));
                    VcpuImpl v = d.vcpu(r.nextInt(d.vcpus().size()));
                    t.locked(() -> v.sched.up(!v.sched.up()));
                }
            }
        } catch (HypervisorException e) {
            // refused: nothing may have changed, which the next check sees
            assertThat(e.errno()).isIn(Errno.EBUSY, Errno.ENODEV);
        }
    }

    private void check(List<DomainImpl> domains) {
        BitSet seen = pools().free();
        for (CpuPool p : pools().list()) {
            assertThat(seen.intersects(p.cpus())).as("a pCPU in two places").isFalse();
            seen.or(p.cpus());
            assertThat(p.domains().isEmpty() || !p.cpus().isEmpty()).isTrue();
        }
        assertThat(seen.cardinality()).isEqualTo(4);
        for (DomainImpl d : domains) {
            for (VcpuImpl v : d.vcpus()) {
                int at = v.sched.pcpu();
                // who runs where he does not belong any more has been told to leave
                assertThat(at < 0 || d.pool().cpus().get(at) || t.core.dispatcher.pcpus[at].resched).as("%s on pCPU %s", v, at).isTrue();
                assertThat(v.sched.queued).isEqualTo(v.runnable() && at < 0);
            }
        }
    }

    @Test void movesFromAnotherThreadInRealTimeLoseNobody() {
        close();
        use(new TestCore("2x2x1", "fifo", MachineClock.real(1_000_000_000L)), 4);
        pools().added("fifo", new Copies());
        DomainImpl d = guest(3);
        CpuPool p = pool("two", "fifo", 2, 3);
        t.core.dispatcher.start();
        for (int i = 0; i < 300; i++) {
            pools().move(d.id(), i % 2 == 0 ? p.id() : 0);
            if (i % 3 == 0) {
                pools().removeCpu(p.id(), 3);
                pools().addCpu(0, 3);
                pools().removeCpu(0, 3);
                pools().addCpu(p.id(), 3);
            }
        }
        long[] before = d.vcpus().stream().mapToLong(v -> v.context.retired()).toArray();
        // as long as a loaded host needs
        for (int i = 0; i < 100 && d.vcpus().stream().anyMatch(v -> v.context.retired() <= before[v.id()]); i++) {
            CountDownLatch later = new CountDownLatch(1);
            t.core.timeline.at(t.clock.now() + 100 * MS, later::countDown);
            try {
                assertThat(later.await(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        t.core.dispatcher.stop();
        assertThat(pools().failures()).isZero();
        for (VcpuImpl v : d.vcpus()) {
            assertThat(v.context.retired()).as(v.toString()).isGreaterThan(before[v.id()]);
        }
    }
}
