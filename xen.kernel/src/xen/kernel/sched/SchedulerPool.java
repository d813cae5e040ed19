package xen.kernel.sched;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
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
 * All pCPUs with one scheduler in charge: a plugin or the bypass. The pool keeps what must survive the plugin (who is runnable, who runs
 * where) and makes every call to it, so that a departed, failed or replaced scheduler leaves nothing behind.
 *
 * <p>Swap: the new one is started, under the pool's lock, with the runnable vCPUs that nobody runs; one write publishes it; the pCPUs are
 * kicked. A vCPU that runs at that moment was picked by the old one: it goes on undisturbed and, when it stops, comes to the new one by
 * {@code wake} ({@link SchedState#pickedBy} tells). So the quiesced state that a swap needs is just "no call in progress", and the
 * pause is the time of {@code start}. If {@code start} throws, nothing was published and the old one goes on.
 *
 * <p>Lock order: core's lock, then this pool's. The plugin is called with the pool's lock held and calls back only into
 * {@link SchedulerHost}, which takes none. Any exception of a plugin puts the bypass in charge at once.
 */
public final class SchedulerPool {
    public static final String BYPASS = "bypass";
    private static final Logger LOG = LoggerFactory.getLogger(SchedulerPool.class);
    /** Selected by nobody: the first service that comes is taken. */
    private static final String ANY = null;

    private final ReentrantLock lock = new ReentrantLock();
    private final Core core;
    private final Host host;
    private final LongSupplier hostNanos;
    private final PauseStats pauses = new PauseStats();
    private final Map<String, Scheduler> available = new TreeMap<>();
    /** Runnable vCPUs that nobody runs, in the order in which they became so. */
    private final LinkedHashSet<VcpuImpl> queued = new LinkedHashSet<>();
    private final VcpuImpl[] current;
    private final long[] since;
    private Scheduler scheduler = new BypassScheduler();
    private volatile String name = BYPASS;
    private volatile String selected;
    private long generation = 1;
    private volatile long failures;
    private volatile long switches;

    public SchedulerPool(Core core) { this(core, System::nanoTime); }

    /** @param hostNanos measures pauses only; machine time never depends on it */
    SchedulerPool(Core core, LongSupplier hostNanos) {
        this.core = core;
        this.hostNanos = hostNanos;
        selected = core.config.scheduler();
        current = new VcpuImpl[core.pcpus()];
        since = new long[core.pcpus()];
        host = new Host();
        scheduler.start(host, List.of());
    }

    // Reports

    /** Name of the scheduler in charge. */
    public String name() { return name; }

    public PauseStats.Snapshot pauses() { return pauses.snapshot(); }

    /** Plugins dropped because they threw. */
    public long failures() { return failures; }

    /** Times that a pCPU changed from one vCPU to another or to idle. */
    public long switches() { return switches; }

    /** What the core and the scheduler in charge counted. */
    public Map<String, Long> figures() {
        lock.lock();
        try {
            Map<String, Long> m = new TreeMap<>();
            m.put("core.switches", switches);
            m.put("core.failures", failures);
            m.put("core.swaps", pauses.snapshot().count());
            if (scheduler instanceof Reporting r) {
                r.figures().forEach((k, n) -> m.put(name + "." + k, n));
            }
            return m;
        } finally {
            lock.unlock();
        }
    }

    BitSet allPcpus() {
        BitSet b = new BitSet();
        b.set(0, current.length);
        return b;
    }

    // Swap; any thread

    /** A scheduler service came; it takes over when its name is the selected one, or when none is selected and the bypass is in charge. */
    public void added(String serviceName, Scheduler s) {
        lock.lock();
        try {
            available.put(serviceName, s);
            boolean wanted = selected == ANY ? name.equals(BYPASS) : selected.equals(serviceName);
            if (wanted && scheduler != s) {
                swap(serviceName, s);
            }
        } catch (HypervisorException e) {
            core.log.say(e.getMessage());
        } finally {
            lock.unlock();
        }
    }

    /** A scheduler service goes; when it was in charge the bypass takes over before this returns. */
    public void removed(String serviceName, Scheduler s) {
        lock.lock();
        try {
            available.remove(serviceName, s);
            if (scheduler == s) {
                swap(BYPASS, new BypassScheduler());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Swaps to the named scheduler; HypervisorException when it is not there or does not start (then the old one stays). */
    public SwapReport select(String wanted) {
        lock.lock();
        try {
            Scheduler s = wanted.equals(BYPASS) ? new BypassScheduler() : available.get(wanted);
            if (s == null) {
                throw new HypervisorException(Errno.ENOENT, "no scheduler named '" + wanted + "': there are " + available.keySet()
                        + " and " + BYPASS + "; install and start its bundle first");
            }
            SwapReport r = s == scheduler ? new SwapReport(name, name, 0, 0) : swap(wanted, s);
            selected = wanted;
            return r;
        } finally {
            lock.unlock();
        }
    }

    /** The machine is switched off: no plugin keeps anything of it. */
    public void dispose() {
        lock.lock();
        try {
            available.clear();
            if (!name.equals(BYPASS)) {
                swap(BYPASS, new BypassScheduler());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock: no call into the old scheduler is in progress, none comes until the new one is published. */
    private SwapReport swap(String to, Scheduler next) {
        long from = hostNanos.getAsLong();
        String old = name;
        try {
            next.start(host, List.copyOf(queued));
        } catch (RuntimeException | LinkageError e) {
            throw new HypervisorException(Errno.EIO, "scheduler '" + to + "' did not start (" + e + "): '" + old + "' stays in charge");
        }
        Scheduler leaving = scheduler;
        scheduler = next;
        name = to;
        generation++;
        stopQuietly(old, leaving);
        long pause = hostNanos.getAsLong() - from;
        pauses.add(pause);
        int vcpus = queued.size();
        for (int p = 0; p < current.length; p++) {
            vcpus += current[p] != null ? 1 : 0;
            core.dispatcher.reschedule(p);
        }
        core.log.say("scheduler " + old + " -> " + to + ": " + vcpus + " vCPUs, paused for " + pause / 1000 + " us");
        return new SwapReport(old, to, pause, vcpus);
    }

    private static void stopQuietly(String name, Scheduler s) {
        try {
            s.stop();
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("scheduler {} failed in stop: {}", name, e.toString());
        }
    }

    /** A call into the plugin threw: it is dropped and the bypass goes on with everything that waits. */
    private void fail(String call, Throwable cause) {
        failures++;
        LOG.error("scheduler {} failed in {}", name, call, cause);
        core.log.say("scheduler " + name + " failed in " + call + " (" + cause + "): the bypass takes over");
        available.values().remove(scheduler);
        swap(BYPASS, new BypassScheduler());
    }

    // Changes of runnability; the core's lock is held, the pool's is taken

    /** Re-evaluates one vCPU after a reason changed. */
    void refresh(VcpuImpl v) {
        lock.lock();
        try {
            SchedState s = v.sched;
            boolean runnable = s.runnable();
            if (s.pcpu >= 0) {
                if (!runnable) {
                    core.dispatcher.reschedule(s.pcpu);
                }
            } else if (runnable && !s.queued) {
                enqueue(v);
                wakeQueued(v);
            } else if (!runnable) {
                if (s.queued) {
                    s.queued = false;
                    queued.remove(v);
                    try {
                        scheduler.sleep(v);
                    } catch (RuntimeException | LinkageError e) {
                        fail("sleep", e);
                    }
                }
                v.time.enter(restState(v), core.clock.now());
            }
        } finally {
            lock.unlock();
        }
    }

    private void enqueue(VcpuImpl v) {
        v.sched.queued = true;
        queued.add(v);
        v.time.enter(RunState.RUNNABLE, core.clock.now());
    }

    private void wakeQueued(VcpuImpl v) {
        try {
            scheduler.wake(v);
        } catch (RuntimeException | LinkageError e) {
            fail("wake", e);
        }
    }

    private static RunState restState(VcpuImpl v) { return v.sched.blocked() ? RunState.BLOCKED : RunState.OFFLINE; }

    /** A parameter changed. */
    void changed(VcpuImpl v) {
        lock.lock();
        try {
            if (v.sched.pcpu >= 0) {
                core.dispatcher.reschedule(v.sched.pcpu);
            }
            scheduler.changed(v);
        } catch (RuntimeException | LinkageError e) {
            fail("changed", e);
        } finally {
            lock.unlock();
        }
    }

    void yield(VcpuImpl v) {
        lock.lock();
        try {
            if (v.sched.pcpu >= 0) {
                v.sched.yielded = true;
                core.dispatcher.reschedule(v.sched.pcpu);
            }
        } finally {
            lock.unlock();
        }
    }

    // Choosing; on the thread of the pCPU, with the core's lock held

    /** Takes the present vCPU from {@code pcpu} back to the scheduler and gives the next, or null for idle. */
    VcpuImpl choose(int pcpu, long now) {
        lock.lock();
        try {
            VcpuImpl old = current[pcpu];
            if (old != null) {
                putBack(old, pcpu, now);
            }
            VcpuImpl next = pick(pcpu, now);
            current[pcpu] = next;
            if (next != old) {
                switches++;
            }
            if (next != null) {
                queued.remove(next);
                SchedState s = next.sched;
                s.queued = false;
                s.pcpu = pcpu;
                s.cameFrom = s.lastPcpu;
                s.lastPcpu = pcpu;
                s.pickedBy = generation;
                since[pcpu] = now;
                next.time.enter(RunState.RUNNING, now);
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    /** How long what was just chosen may run. */
    long slice(VcpuImpl v, int pcpu) {
        lock.lock();
        try {
            long n = v.sched.pickedBy == generation ? scheduler.slice(v, pcpu) : BypassScheduler.SLICE;
            if (n <= 0) {
                throw new IllegalStateException("slice of " + n + " ns");
            }
            return n;
        } catch (RuntimeException | LinkageError e) {
            fail("slice", e);
            return BypassScheduler.SLICE;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the present vCPU from the pCPU without choosing another (the pCPU stops). */
    VcpuImpl release(int pcpu, long now) {
        lock.lock();
        try {
            VcpuImpl old = current[pcpu];
            if (old != null) {
                putBack(old, pcpu, now);
                current[pcpu] = null;
            }
            return old;
        } finally {
            lock.unlock();
        }
    }

    private void putBack(VcpuImpl v, int pcpu, long now) {
        SchedState s = v.sched;
        boolean runnable = s.runnable();
        boolean yielded = s.yielded;
        s.yielded = false;
        s.pcpu = -1;
        current[pcpu] = null;
        if (runnable) {
            s.queued = true;
            queued.add(v);
        }
        v.time.enter(runnable ? RunState.RUNNABLE : restState(v), now);
        long ran = Math.max(0, now - since[pcpu]);
        s.charge(ran, now);
        if (s.pickedBy == generation) {
            try {
                scheduler.put(v, pcpu, ran, runnable, yielded);
            } catch (RuntimeException | LinkageError e) {
                fail("put", e);
            }
        } else if (runnable) {
            wakeQueued(v);
        }
    }

    private VcpuImpl pick(int pcpu, long now) {
        try {
            Vcpu v = scheduler.pick(pcpu, now);
            if (v == null) {
                return null;
            }
            if (v instanceof VcpuImpl i && i.sched.queued && i.mayRunOn(pcpu)) {
                return i;
            }
            throw new IllegalStateException("picked " + v + " for pCPU " + pcpu + ", which is not queued or may not run there");
        } catch (RuntimeException | LinkageError e) {
            fail("pick", e);
            return (VcpuImpl) scheduler.pick(pcpu, now);
        }
    }

    /** vCPUs that wait, oldest first; for reports. */
    public List<VcpuImpl> waiting() {
        lock.lock();
        try {
            return new ArrayList<>(queued);
        } finally {
            lock.unlock();
        }
    }

    /** What plugins see of the core. */
    private final class Host implements SchedulerHost {
        private final int[] all = java.util.stream.IntStream.range(0, current.length).toArray();

        @Override public Topology topology() { return core.config.topology(); }

        @Override public int[] pcpus() { return all.clone(); }

        @Override public long now() { return core.clock.now(); }

        @Override public void kick(int pcpu) { core.dispatcher.reschedule(pcpu); }

        @Override public void kickAt(int pcpu, long atNanos) {
            core.timeline.at(atNanos, () -> core.dispatcher.reschedule(pcpu));
        }

        @Override public boolean idle(int pcpu) { return current[pcpu] == null; }
    }
}
