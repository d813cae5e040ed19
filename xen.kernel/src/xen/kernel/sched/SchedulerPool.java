package xen.kernel.sched;

import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.control.SwapReport;
import xen.kernel.api.domain.RunState;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.api.sched.Reporting;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.SchedulerHost;
import xen.kernel.core.Core;
import xen.kernel.core.VcpuImpl;

/**
 * A CPU pool with its scheduler in charge: a plugin or the bypass. The pool keeps what must survive the plugin (who is runnable and
 * waits) and makes every call to it, so that a departed, failed or replaced scheduler leaves nothing behind.
 *
 * <p>Swap: the new one is started, under the pools' lock, with the runnable vCPUs that nobody runs; one write publishes it; the pCPUs are
 * kicked. A vCPU that runs at that moment was picked by the old one: it goes on undisturbed and, when it stops, comes to the new one by
 * {@code wake} ({@link Switcher}). So the quiesced state that a swap needs is just "no call in progress", and the pause is the time of
 * {@code start}. If {@code start} throws, nothing was published and the old one goes on.
 *
 * <p>The plugin is called with the pools' lock held and calls back only into {@link SchedulerHost}, which takes none. Whatever a plugin
 * throws, errors included, puts the bypass in charge at once.
 */
public final class SchedulerPool {
    public static final String BYPASS = "bypass";
    private static final Logger LOG = LoggerFactory.getLogger(SchedulerPool.class);
    /** Selected by nobody: the first service that comes is taken. */
    private static final String ANY = null;

    private final SchedulerPools pools;
    private final Core core;
    private final int id;
    private final Host host = new Host();
    /** Runnable vCPUs that nobody runs, in the order in which they became so. */
    private final LinkedHashSet<VcpuImpl> queued = new LinkedHashSet<>();
    private volatile String name;
    /** Never changed once set here, always replaced. */
    private volatile BitSet cpus;
    private Scheduler scheduler = new BypassScheduler();
    /** The service that {@link #scheduler} comes from: itself, or what it is a replica of. */
    private Scheduler service = scheduler;
    private volatile String schedulerName = BYPASS;
    private volatile String selected;
    private long generation;

    SchedulerPool(SchedulerPools pools, int id, String name, String selected, BitSet cpus) {
        this.pools = pools;
        this.id = id;
        this.name = name;
        this.selected = selected;
        this.cpus = cpus;
        core = pools.core;
        generation = pools.nextGeneration();
        scheduler.start(host, List.of());
    }

    public int id() { return id; }

    public String name() { return name; }

    void rename(String next) { name = next; }

    /** Its pCPUs; not to be changed. */
    BitSet cpus() { return cpus; }

    /** Name of the scheduler in charge. */
    public String scheduler() { return schedulerName; }

    /** Differs between any two starts of schedulers. */
    long generation() { return generation; }

    void addFigures(Map<String, Long> to, String prefix) {
        if (scheduler instanceof Reporting r) {
            r.figures().forEach((k, n) -> to.put(prefix + schedulerName + "." + k, n));
        }
    }

    // The scheduler in charge; under the pools' lock

    boolean wants(String serviceName) { return selected == ANY ? schedulerName.equals(BYPASS) : selected.equals(serviceName); }

    boolean has(Scheduler s) { return service == s; }

    /** The service's own instance is in charge here, no replica. */
    boolean runs(Scheduler s) { return scheduler == s; }

    /** Swaps to the named scheduler; HypervisorException when it is not there or does not start (then the old one stays). */
    SwapReport select(String wanted, SchedulerCatalog catalog, Predicate<Scheduler> taken) {
        Scheduler s = wanted.equals(BYPASS) ? new BypassScheduler() : catalog.service(wanted);
        boolean same = has(s) || wanted.equals(BYPASS) && schedulerName.equals(BYPASS);
        SwapReport r = same ? new SwapReport(schedulerName, schedulerName, 0, 0) : swap(wanted, s, SchedulerCatalog.instance(wanted, s, taken.test(s)));
        selected = wanted;
        return r;
    }

    void bypass() {
        if (!schedulerName.equals(BYPASS)) {
            Scheduler s = new BypassScheduler();
            swap(BYPASS, s, s);
        }
    }

    /** No call into the old scheduler is in progress, none comes until the new one is published. */
    SwapReport swap(String to, Scheduler from, Scheduler next) {
        long begin = pools.hostNanos.getAsLong();
        String old = schedulerName;
        try {
            next.start(host, List.copyOf(queued));
        } catch (Throwable e) {
            throw new HypervisorException(Errno.EIO, "scheduler '" + to + "' did not start (" + e + "): '" + old + "' stays in charge");
        }
        Scheduler leaving = scheduler;
        scheduler = next;
        service = from;
        schedulerName = to;
        generation = pools.nextGeneration();
        stopQuietly(old, leaving);
        long pause = pools.hostNanos.getAsLong() - begin;
        pools.pauses.add(pause);
        int vcpus = queued.size() + kickAll();
        core.log.say((id == 0 ? "" : "pool " + name + ": ") + "scheduler " + old + " -> " + to + ": " + vcpus + " vCPUs, paused for " + pause / 1000 + " us");
        return new SwapReport(old, to, pause, vcpus);
    }

    /** Has every pCPU look. @return how many run a vCPU */
    private int kickAll() {
        int running = 0;
        for (int p = cpus.nextSetBit(0); p >= 0; p = cpus.nextSetBit(p + 1)) {
            running += pools.switcher.at(p) != null ? 1 : 0;
            core.dispatcher.reschedule(p);
        }
        return running;
    }

    private void stopQuietly(String name, Scheduler s) {
        try {
            s.stop();
        } catch (Throwable e) {
            LOG.warn("scheduler {} failed in stop", name, e);
            core.log.say("scheduler " + name + " failed in stop (" + e + "): nothing is asked of it any more");
        }
    }

    /** Other pCPUs from now on: the scheduler begins anew with who waits, as after a swap. */
    void cpus(BitSet next) {
        cpus = next;
        stopQuietly(schedulerName, scheduler);
        generation = pools.nextGeneration();
        try {
            scheduler.start(host, List.copyOf(queued));
        } catch (Throwable e) {
            fail("start", e);
        }
        kickAll();
    }

    /** A call into the plugin threw: it is dropped and the bypass goes on with everything that waits. */
    private void fail(String call, Throwable cause) {
        LOG.error("scheduler {} failed in {}", schedulerName, call, cause);
        core.log.say("scheduler " + schedulerName + " failed in " + call + " (" + cause + "): the bypass takes over");
        pools.failed(service);
        Scheduler s = new BypassScheduler();
        swap(BYPASS, s, s);
    }

    // Changes of runnability; the core's lock is held, the pools' is taken

    /** Re-evaluates one vCPU of this pool after a reason changed. */
    void refresh(VcpuImpl v) {
        pools.lock.lock();
        try {
            SchedState s = v.sched;
            boolean runnable = s.runnable();
            if (s.pcpu >= 0) {
                if (!runnable) {
                    core.dispatcher.reschedule(s.pcpu);
                }
            } else if (runnable && !s.queued) {
                enqueue(v);
                v.time.enter(RunState.RUNNABLE, core.clock.now());
                wake(v);
            } else if (!runnable) {
                withdraw(v);
                v.time.enter(s.restState(), core.clock.now());
            }
        } finally {
            pools.lock.unlock();
        }
    }

    /** Counts it among those that wait; {@link #wake} or {@link #put} tells the scheduler. */
    void enqueue(VcpuImpl v) {
        v.sched.queued = true;
        queued.add(v);
    }

    /** If it waits it does no longer. */
    void withdraw(VcpuImpl v) {
        if (!v.sched.queued) {
            return;
        }
        v.sched.queued = false;
        queued.remove(v);
        try {
            scheduler.sleep(v);
        } catch (Throwable e) {
            fail("sleep", e);
        }
    }

    void wake(VcpuImpl v) {
        try {
            scheduler.wake(v);
        } catch (Throwable e) {
            fail("wake", e);
        }
    }

    /** A parameter changed. */
    void changed(VcpuImpl v) {
        pools.lock.lock();
        try {
            if (v.sched.pcpu >= 0) {
                core.dispatcher.reschedule(v.sched.pcpu);
            }
            scheduler.changed(v);
        } catch (Throwable e) {
            fail("changed", e);
        } finally {
            pools.lock.unlock();
        }
    }

    void yield(VcpuImpl v) {
        pools.lock.lock();
        try {
            if (v.sched.pcpu >= 0) {
                v.sched.yielded = true;
                core.dispatcher.reschedule(v.sched.pcpu);
            }
        } finally {
            pools.lock.unlock();
        }
    }

    // Choosing; for the switcher

    /** What {@code pcpu} runs next, no longer queued, or null for idle. */
    VcpuImpl pick(int pcpu, long now) {
        VcpuImpl next;
        try {
            next = checked(scheduler.pick(pcpu, now), pcpu);
        } catch (Throwable e) {
            fail("pick", e);
            next = (VcpuImpl) scheduler.pick(pcpu, now);
        }
        if (next != null) {
            next.sched.queued = false;
            queued.remove(next);
        }
        return next;
    }

    private VcpuImpl checked(Vcpu v, int pcpu) {
        if (v == null) {
            return null;
        }
        if (v instanceof VcpuImpl i && i.sched.queued && i.domain.pool() == this && i.mayRunOn(pcpu)) {
            return i;
        }
        throw new IllegalStateException("picked " + v + " for pCPU " + pcpu + ", which is not queued or may not run there");
    }

    long slice(VcpuImpl v, int pcpu) {
        try {
            long n = scheduler.slice(v, pcpu);
            if (n <= 0) {
                throw new IllegalStateException("slice of " + n + " ns");
            }
            return n;
        } catch (Throwable e) {
            fail("slice", e);
            return BypassScheduler.SLICE;
        }
    }

    void put(VcpuImpl v, int pcpu, long ran, boolean runnable, boolean yielded) {
        try {
            scheduler.put(v, pcpu, ran, runnable, yielded);
        } catch (Throwable e) {
            fail("put", e);
        }
    }

    // Restoring; the core's lock is held

    /** vCPUs that wait, oldest first. */
    List<VcpuImpl> waiting() {
        pools.lock.lock();
        try {
            return List.copyOf(queued);
        } finally {
            pools.lock.unlock();
        }
    }

    /** A vCPU of a restored domain waits, as it did. */
    void adopt(VcpuImpl v) {
        pools.lock.lock();
        try {
            enqueue(v);
            wake(v);
        } finally {
            pools.lock.unlock();
        }
    }

    /** What plugins see of the core. */
    private final class Host implements SchedulerHost {
        @Override public Topology topology() { return core.config.topology(); }

        @Override public int[] pcpus() { return cpus.stream().toArray(); }

        @Override public long now() { return core.clock.now(); }

        @Override public void kick(int pcpu) { core.dispatcher.reschedule(pcpu); }

        @Override public void kickAt(int pcpu, long atNanos) {
            core.timeline.at(atNanos, () -> core.dispatcher.reschedule(pcpu));
        }

        @Override public boolean idle(int pcpu) { return pools.switcher.at(pcpu) == null; }
    }
}
