package xen.kernel.sched;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.control.SwapReport;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.SchedulerHost;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;
import xen.kernel.testing.TestCore;
import xen.kernel.time.MachineClock;

@Timeout(30)
class SchedulerPoolTest {
    private static final long MS = 1_000_000;
    private TestCore t = new TestCore("1x2x1", "fifo", MachineClock.virtual(1_000_000_000L, 0));
    private final Script script = new Script(2);

    SchedulerPoolTest() { use(t); }

    private void use(TestCore core) {
        t = core;
        t.core.board(script);
        t.core.dispatcher.exits(script);
    }

    @AfterEach void close() {
        t.core.dispatcher.stop();
        assertThat(script.broken).isNull();
        t.close();
    }

    private SchedulerPools pools() { return t.core.schedulers; }

    private SchedulerPool pool() { return pools().first(); }

    private SwapReport select(String name) { return pools().selectScheduler(0, name); }

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

    /** A plugin: first in first out, that refuses whom it does not know and throws where it is told to. */
    static class Fifo implements Scheduler {
        final List<Vcpu> queue = new ArrayList<>();
        final List<Vcpu> running = new ArrayList<>();
        String throwIn = "";
        boolean stopped;
        SchedulerHost host;

        private void call(String name) {
            if (name.equals(throwIn)) {
                throw new IllegalStateException("on purpose in " + name);
            }
        }

        @Override public void start(SchedulerHost h, Collection<? extends Vcpu> runnable) {
            call("start");
            host = h;
            stopped = false;
            queue.clear();
            running.clear();
            queue.addAll(runnable);
        }

        @Override public void wake(Vcpu v) {
            call("wake");
            assertThat(queue).doesNotContain(v);
            queue.add(v);
            for (int p : host.pcpus()) {
                if (host.idle(p)) {
                    host.kick(p);
                }
            }
        }

        @Override public void sleep(Vcpu v) {
            call("sleep");
            assertThat(queue.remove(v)).isTrue();
        }

        @Override public Vcpu pick(int pcpu, long now) {
            call("pick");
            for (Vcpu v : queue) {
                if (v.mayRunOn(pcpu)) {
                    queue.remove(v);
                    running.add(v);
                    return v;
                }
            }
            return null;
        }

        @Override public long slice(Vcpu v, int pcpu) {
            call("slice");
            return MS;
        }

        @Override public void put(Vcpu v, int pcpu, long ran, boolean still, boolean yielded) {
            call("put");
            assertThat(running.remove(v)).as("only what it picked comes back").isTrue();
            if (still) {
                queue.add(v);
            }
        }

        @Override public void changed(Vcpu v) { call("changed"); }

        @Override public void stop() {
            stopped = true;
            call("stop");
        }
    }

    /** Two vCPUs that compute and one that sleeps and is woken, so that every call of the SPI occurs. */
    private DomainImpl load() {
        DomainImpl d = t.running(3);
        int port = d.events.bindIpi(2);
        script.program(d.vcpu(2), 50_000, v -> {
            xen.kernel.api.hw.Raw.put64(v.info.address(), 0);
            xen.kernel.api.hw.Raw.put64(v.info.address() + 8, 0);
            xen.kernel.api.hw.Raw.put64(xen.kernel.event.SharedInfo.address(d) + 2048, 0);
            v.sched.block();
        });
        script.program(d.vcpu(0), 300_000, v -> d.events.send(port));
        script.program(d.vcpu(1), 5_000_000, v -> { });
        for (int i = 1; i < 30; i++) {
            long at = i * 3 * MS;
            VcpuImpl v = d.vcpu(1);
            boolean up = i % 2 == 0;
            t.core.timeline.at(at, () -> t.locked(() -> v.sched.up(up)));
            t.core.timeline.at(at + 1, () -> v.sched.parameters(256 + (int) (at % 7), 0));
        }
        return d;
    }

    @Test void theSelectedServiceTakesOverWhenItComesAndTheBypassWhenItGoes() {
        DomainImpl d = load();
        runFor(5 * MS);
        assertThat(pool().scheduler()).isEqualTo(SchedulerPool.BYPASS);
        pools().added("other", new Fifo());
        assertThat(pool().scheduler()).as("not the selected one").isEqualTo(SchedulerPool.BYPASS);
        Fifo f = new Fifo();
        pools().added("fifo", f);
        assertThat(pool().scheduler()).isEqualTo("fifo");
        runFor(5 * MS);
        pools().removed("fifo", f);
        assertThat(f.stopped).isTrue();
        assertThat(pool().scheduler()).isEqualTo(SchedulerPool.BYPASS);
        long before = d.vcpu(0).cpuNanos();
        runFor(5 * MS);
        assertThat(d.vcpu(0).cpuNanos()).isGreaterThan(before);
        pools().added("fifo", new Fifo());
        assertThat(pool().scheduler()).as("an update brings it back").isEqualTo("fifo");
    }

    @Test void withNoneSelectedTheFirstThatComesIsTaken() {
        t.close();
        use(new TestCore("1x2x1"));
        pools().added("some", new Fifo());
        pools().added("later", new Fifo());
        assertThat(pool().scheduler()).isEqualTo("some");
    }

    @Test void aSwapWhileGuestsRunLosesNobodyAndKeepsParameters() {
        DomainImpl d = load();
        d.vcpu(0).sched.parameters(512, 50);
        for (int i = 0; i < 100; i++) {
            String name = i % 2 == 0 ? "fifo" : "second";
            long at = i * MS * 9 / 10;
            t.core.timeline.at(at, () -> {
                pools().added(name, new Fifo());
                select(name);
            });
        }
        runFor(100 * MS);
        assertThat(pools().failures()).isZero();
        assertThat(pools().pauses().count()).isGreaterThanOrEqualTo(100);
        assertThat(d.vcpu(0).weight()).isEqualTo(512);
        assertThat(d.vcpu(0).cap()).isEqualTo(50);
        assertThat(d.vcpus()).allMatch(v -> v.cpuNanos() > 5 * MS);
        long sum = d.vcpus().stream().mapToLong(VcpuImpl::cpuNanos).sum();
        assertThat(sum).as("no time is lost or counted twice").isLessThanOrEqualTo(2 * 101 * MS);
    }

    @Test void anUnknownNameIsRefusedWithWhatThereIs() {
        pools().added("fifo", new Fifo());
        assertThatThrownBy(() -> select("nosuch")).isInstanceOf(HypervisorException.class)
                .hasMessageContaining("nosuch").hasMessageContaining("fifo");
    }

    @Test void aFailedStartKeepsTheOldOne() {
        load();
        Fifo good = new Fifo();
        pools().added("fifo", good);
        runFor(5 * MS);
        Fifo bad = new Fifo();
        bad.throwIn = "start";
        pools().added("bad", bad);
        assertThatThrownBy(() -> select("bad")).hasMessageContaining("'fifo' stays");
        assertThat(pool().scheduler()).isEqualTo("fifo");
        assertThat(good.stopped).isFalse();
        runFor(5 * MS);
        assertThat(pools().failures()).isZero();
    }

    @Test void aSwapSaysFromWhereToWhereAndHowManyWent() {
        load();
        pools().added("fifo", new Fifo());
        pools().added("second", new Fifo());
        SwapReport r = select("second");
        assertThat(r.from()).isEqualTo("fifo");
        assertThat(r.to()).isEqualTo("second");
        assertThat(r.vcpus()).isEqualTo(3);
        assertThat(r.pauseNanos()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"wake", "sleep", "pick", "slice", "put", "changed"})
    void aSchedulerThatThrowsIsReplacedByTheBypassAndGuestsGoOn(String call) {
        DomainImpl d = load();
        Fifo f = new Fifo();
        pools().added("fifo", f);
        runFor(2 * MS);
        f.throwIn = call;
        runFor(60 * MS);
        assertThat(pool().scheduler()).isEqualTo(SchedulerPool.BYPASS);
        assertThat(pools().failures()).isEqualTo(1);
        assertThat(d.vcpus()).allMatch(v -> v.cpuNanos() > 5 * MS);
        assertThatThrownBy(() -> select("fifo")).isInstanceOf(HypervisorException.class);
    }

    @Test void aSchedulerThatPicksARunningOrForeignVcpuIsDropped() {
        DomainImpl d = load();
        Fifo f = new Fifo();
        pools().added("fifo", f);
        t.core.timeline.at(10 * MS, () -> f.queue.add(f.running.getFirst()));
        runFor(40 * MS);
        assertThat(pools().failures()).isEqualTo(1);
        assertThat(d.vcpus()).allMatch(v -> v.cpuNanos() > 2 * MS);
    }

    @Test void nothingHoldsADepartedScheduler() throws InterruptedException {
        load();
        Fifo f = new Fifo();
        WeakReference<Fifo> gone = new WeakReference<>(f);
        pools().added("fifo", f);
        runFor(5 * MS);
        pools().removed("fifo", f);
        f = null;
        long deadline = System.nanoTime() + 10_000 * MS;
        while (gone.get() != null && System.nanoTime() < deadline) {
            System.gc();
        }
        assertThat(gone.get()).isNull();
    }

    @Test void swapsFromAnotherThreadInRealTimeLoseNobody() {
        t.close();
        use(new TestCore("1x2x1", "fifo", MachineClock.real(1_000_000_000L)));
        DomainImpl d = t.running(4);
        for (VcpuImpl v : d.vcpus()) {
            script.program(v, 100_000 + v.id(), x -> x.sched.yield());
        }
        t.core.dispatcher.start();
        for (int i = 0; i < 200; i++) {
            String name = i % 2 == 0 ? "fifo" : "second";
            pools().added(name, new Fifo());
            select(name);
        }
        long[] before = d.vcpus().stream().mapToLong(v -> v.context.retired()).toArray();
        // as long as a loaded host needs
        for (int i = 0; i < 100 && d.vcpus().stream().anyMatch(v -> v.context.retired() <= before[v.id()]); i++) {
            passes(100 * MS);
        }
        t.core.dispatcher.stop();
        assertThat(pools().failures()).isZero();
        for (VcpuImpl v : d.vcpus()) {
            assertThat(v.context.retired()).as(v.toString()).isGreaterThan(before[v.id()]);
        }
    }

    private void passes(long nanos) {
        CountDownLatch later = new CountDownLatch(1);
        t.core.timeline.at(t.clock.now() + nanos, later::countDown);
        try {
            assertThat(later.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
