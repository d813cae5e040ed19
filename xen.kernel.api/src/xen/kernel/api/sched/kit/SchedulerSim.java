package xen.kernel.api.sched.kit;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.PriorityQueue;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.SchedulerHost;

/**
 * A machine without guests: pCPUs that take vCPUs from a scheduler, run them for exact times, and give them back, in the order of
 * (time, cause). Every rule of the {@link Scheduler} contract that one decision can break is checked at that decision; a broken one is an
 * AssertionError that names it. Times are nanoseconds.
 */
public final class SchedulerSim implements SchedulerHost {
    private final Topology topology;
    /** pCPUs of the pool; replaced, never changed. */
    private BitSet pool;
    private final List<SimVcpu> vcpus = new ArrayList<>();
    private final SimVcpu[] current;
    private final long[] since;
    /** Time that a vCPU on the pCPU has run and that the scheduler was not told of yet. */
    private final long[] unreported;
    /** Invalidates the end of a run that was cut short. */
    private final long[] run;
    private final boolean[] kicked;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private Scheduler scheduler;
    private long generation;
    private final long[] pickedBy;
    private long now;
    private long sequence;
    /** Total time that a pCPU idled while a vCPU without a cap waited that it may run. */
    private long idleWhileWaiting;
    private long runs;
    private final long[] questions = new long[1];

    public SchedulerSim(Topology topology) {
        this.topology = topology;
        int n = topology.pcpus();
        pool = new BitSet();
        pool.set(0, n);
        current = new SimVcpu[n];
        since = new long[n];
        unreported = new long[n];
        run = new long[n];
        kicked = new boolean[n];
        pickedBy = new long[n];
    }

    /**
     * Runs a scheduler for a moment and stops it again, before it is offered: its classes are loaded and its call sites linked then, not
     * while the core waits for {@code start} in a swap.
     */
    public static void rehearse(Scheduler scheduler) {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 2, 2));
        for (int i = 0; i < 6; i++) {
            sim.add("rehearsal" + i);
        }
        sim.use(scheduler);
        sim.runUntil(80_000_000L);
        scheduler.stop();
    }

    /** Adds a vCPU that will be runnable; before or after {@link #use}. */
    public SimVcpu add(String name) {
        SimVcpu v = new SimVcpu(name);
        v.clock = () -> now;
        v.pool = () -> pool;
        v.questions = questions;
        vcpus.add(v);
        at(now, () -> wake(v));
        return v;
    }

    public List<SimVcpu> vcpus() { return vcpus; }

    /** Puts a scheduler in charge as a swap does: what is queued goes over, what runs comes by wake when it stops. */
    public void use(Scheduler next) {
        List<SimVcpu> queued = vcpus.stream().filter(v -> v.queued).toList();
        next.start(this, queued);
        if (scheduler != null) {
            scheduler.stop();
        }
        scheduler = next;
        generation++;
        pool.stream().forEach(this::kick);
    }

    /** Gives the pool other pCPUs, as the core does: the scheduler begins anew, who runs on a pCPU that left comes by wake. */
    public void pool(BitSet pcpus) {
        check(!pcpus.isEmpty(), "a pool with vCPUs has a pCPU");
        BitSet all = (BitSet) pcpus.clone();
        all.or(pool);
        pool = (BitSet) pcpus.clone();
        if (scheduler != null) {
            scheduler.stop();
            generation++;
            scheduler.start(this, vcpus.stream().filter(v -> v.queued).toList());
        }
        all.stream().forEach(this::kick);
    }

    /** Runs {@code action} at a time. */
    public void at(long time, Runnable action) { events.add(new Event(Math.max(time, now), sequence++, action)); }

    /** Lets the machine run until {@code end}. */
    public void runUntil(long end) {
        while (!events.isEmpty() && events.peek().time <= end) {
            Event e = events.poll();
            account(e.time - now);
            now = e.time;
            e.action.run();
            serveKicks();
        }
        account(end - now);
        now = end;
        for (int p = 0; p < current.length; p++) {
            settle(p);
        }
    }

    public long idleWhileWaiting() { return idleWhileWaiting; }

    /** How often the scheduler asked a vCPU for its weight, cap, place or affinity: what it costs, without a clock. */
    public long questions() { return questions[0]; }

    /** Decisions that put a vCPU on a pCPU. */
    public long runs() { return runs; }

    // Changes from outside

    /** Makes a vCPU sleep in whatever it does (paused). */
    public void stop(SimVcpu v) {
        v.runnable = false;
        if (v.queued) {
            v.queued = false;
            scheduler.sleep(v);
        } else if (v.pcpu >= 0) {
            kick(v.pcpu);
        }
    }

    public void wake(SimVcpu v) {
        if (v.runnable) {
            return;
        }
        v.runnable = true;
        v.left = v.burst == 0 ? Long.MAX_VALUE : v.burst;
        if (v.pcpu < 0) {
            queue(v);
            scheduler.wake(v);
        }
    }

    /** A parameter was changed. */
    public void changed(SimVcpu v) {
        if (v.pcpu >= 0) {
            kick(v.pcpu);
        }
        scheduler.changed(v);
    }

    private void queue(SimVcpu v) {
        v.queued = true;
        v.queuedAt = now;
    }

    // The pCPUs

    private void serveKicks() {
        for (boolean again = true; again;) {
            again = false;
            for (int p = 0; p < kicked.length; p++) {
                if (kicked[p]) {
                    kicked[p] = false;
                    again = true;
                    decide(p, false);
                }
            }
        }
    }

    private void settle(int p) {
        SimVcpu v = current[p];
        if (v != null) {
            long t = now - since[p];
            since[p] = now;
            v.ran += t;
            v.charge(t);
            v.left -= v.left == Long.MAX_VALUE ? 0 : t;
            unreported[p] += t;
        }
    }

    private void decide(int p, boolean yielded) {
        SimVcpu old = current[p];
        run[p]++;
        if (old != null) {
            settle(p);
            long ran = unreported[p];
            unreported[p] = 0;
            current[p] = null;
            old.pcpu = -1;
            if (old.left <= 0) {
                old.runnable = false;
                at(now + Math.max(1, old.pause), () -> wake(old));
            }
            if (old.runnable) {
                queue(old);
            }
            if (pickedBy[p] == generation) {
                scheduler.put(old, p, ran, old.runnable, yielded);
            } else if (old.runnable) {
                scheduler.wake(old);
            }
        }
        if (pool.get(p)) {
            start(p, scheduler.pick(p, now));
        }
    }

    private void start(int p, Vcpu picked) {
        if (picked == null) {
            return;
        }
        check(picked instanceof SimVcpu, "picked something that is no vCPU of the pool: " + picked);
        SimVcpu v = (SimVcpu) picked;
        check(v.pcpu < 0, v + " is run twice: on pCPU " + v.pcpu + " and " + p);
        check(v.queued, v + " is picked without having been handed over");
        check(v.allowed(p), v + " is run on pCPU " + p + " against its affinity or outside the pool");
        v.queued = false;
        v.pcpu = p;
        v.lastPcpu = p;
        current[p] = v;
        since[p] = now;
        pickedBy[p] = generation;
        runs++;
        long slice = scheduler.slice(v, p);
        check(slice > 0, "slice of " + slice + " ns");
        long number = ++run[p];
        at(now + Math.min(slice, v.left), () -> {
            if (run[p] == number) {
                decide(p, false);
            }
        });
    }

    private void account(long duration) {
        if (duration == 0) {
            return;
        }
        for (int p = 0; p < current.length; p++) {
            if (current[p] == null && pool.get(p)) {
                for (SimVcpu v : vcpus) {
                    if (v.queued && v.cap == 0 && v.allowed(p)) {
                        idleWhileWaiting += duration;
                        break;
                    }
                }
            }
        }
    }

    static void check(boolean ok, String rule) {
        if (!ok) {
            throw new AssertionError(rule);
        }
    }

    // SchedulerHost

    @Override public Topology topology() { return topology; }
    @Override public int[] pcpus() { return pool.stream().toArray(); }
    @Override public long now() { return now; }
    @Override public void kick(int pcpu) { kicked[pcpu] = true; }
    @Override public void kickAt(int pcpu, long time) { at(time, () -> kick(pcpu)); }
    @Override public boolean idle(int pcpu) { return current[pcpu] == null; }

    private record Event(long time, long seq, Runnable action) implements Comparable<Event> {
        @Override public int compareTo(Event o) { return time != o.time ? Long.compare(time, o.time) : Long.compare(seq, o.seq); }
    }
}
