package xen.bench.lab;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.RunState;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.SchedulerHost;

/**
 * Host time of one scheduling decision (put, pick, slice, and the sleeps and wake-ups between) on 1,024 pCPUs, against the number of
 * vCPUs. The scheduler is driven directly, so that nothing but its own work is measured. The sequence of calls is the same on every
 * host, the nanoseconds are the host's.
 */
final class DecisionCost implements Experiment {
    /** Where the schedulers come from: the framework's services, or a test's map. */
    interface Source {
        /** A fresh or idle instance, or null. */
        Scheduler get(String name);
    }

    static final List<Integer> SIZES = List.of(1_100, 2_000, 4_000, 7_000, 10_000);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 100_000;
    private static final Topology MACHINE = new Topology(8, 64, 2);
    private Source source = n -> null;

    void source(Source s) { source = s; }

    @Override public String name() { return "decision"; }

    @Override public String summary() { return "host time of one scheduling decision on 1,024 pCPUs against the number of vCPUs"; }

    @Override public Report run(Bench bench, long seed) {
        List<Map<String, Object>> rows = new ArrayList<>();
        Map<String, List<Double>> series = new LinkedHashMap<>();
        for (String name : List.of("rr", "credit", "bvt", "gang")) {
            Scheduler s = source.get(name);
            if (s == null) {
                continue;
            }
            measure(s, 2_000, seed);
            measure(s, 10_000, seed);
            List<Double> line = new ArrayList<>();
            for (int n : SIZES) {
                // others on the host can only make it longer
                double ns = Math.min(measure(s, n, seed), Math.min(measure(s, n, seed), measure(s, n, seed)));
                line.add(Report.round(ns, 0));
                rows.add(Report.row("scheduler", name, "vCPUs", n, "ns a decision (host)", Report.round(ns, 0)));
            }
            series.put(name, line);
        }
        return new Report(name(), "One decision on 1,024 pCPUs, least of three means of " + ROUNDS + " (host time)", rows,
                "A decision is put + pick + slice; one in four vCPUs blocks and another wakes.",
                new Plot.Lines("Cost of one decision on 1,024 pCPUs", "vCPUs", "ns of host time", false, SIZES.stream().map(Integer::doubleValue).toList(), series));
    }

    private static double measure(Scheduler s, int vcpus, long seed) {
        Host h = new Host(vcpus, seed);
        s.start(h, h.all);
        h.fill(s);
        long from = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < ROUNDS; i++) {
            h.step(s);
        }
        double ns = (THREADS.getCurrentThreadCpuTime() - from) / (double) ROUNDS;
        s.stop();
        return ns;
    }

    /** A machine that only asks. */
    private static final class Host implements SchedulerHost {
        final List<Dummy> all = new ArrayList<>();
        private final Dummy[] current = new Dummy[MACHINE.pcpus()];
        private final ArrayList<Dummy> asleep = new ArrayList<>();
        private final int[] pcpus = java.util.stream.IntStream.range(0, MACHINE.pcpus()).toArray();
        private final Random random;
        private long now = 1;
        private int turn;

        Host(int vcpus, long seed) {
            random = new Random(seed);
            for (int i = 0; i < vcpus; i++) {
                all.add(new Dummy(i));
            }
        }

        void fill(Scheduler s) {
            for (int p : pcpus) {
                decide(s, p);
            }
        }

        /** The next pCPU's slice ends or its vCPU blocks; time moves so that each pCPU decides about every 5 ms. */
        void step(Scheduler s) {
            now += 5_000;
            int p = turn++ % pcpus.length;
            Dummy v = current[p];
            if (v != null) {
                boolean blocks = random.nextInt(4) == 0;
                v.running = false;
                current[p] = null;
                v.runnable = !blocks;
                s.put(v, p, 5_000_000, !blocks, false);
                if (blocks) {
                    asleep.add(v);
                }
            }
            if (asleep.size() > all.size() / 20) {
                int i = random.nextInt(asleep.size());
                Dummy w = asleep.get(i);
                asleep.set(i, asleep.getLast());
                asleep.removeLast();
                w.runnable = true;
                s.wake(w);
            }
            decide(s, p);
        }

        private void decide(Scheduler s, int p) {
            Dummy v = (Dummy) s.pick(p, now);
            current[p] = v;
            if (v != null) {
                v.running = true;
                v.last = p;
                s.slice(v, p);
            }
        }

        @Override public Topology topology() { return MACHINE; }
        @Override public int[] pcpus() { return pcpus; }
        @Override public long now() { return now; }
        @Override public void kick(int pcpu) { }
        @Override public void kickAt(int pcpu, long atNanos) { }
        @Override public boolean idle(int pcpu) { return current[pcpu] == null; }
    }

    private static final class Dummy implements Vcpu {
        private final int id;
        boolean running;
        boolean runnable = true;
        int last = -1;

        Dummy(int id) { this.id = id; }

        @Override public Domain domain() { return null; }
        @Override public int id() { return id; }
        @Override public RunState runState() { return running ? RunState.RUNNING : runnable ? RunState.RUNNABLE : RunState.BLOCKED; }
        @Override public boolean runnable() { return runnable; }
        @Override public int lastPcpu() { return last; }
        @Override public int weight() { return 256; }
        @Override public int cap() { return 0; }
        @Override public boolean mayRunOn(int pcpu) { return true; }
        @Override public long cpuNanos() { return 0; }
        @Override public VcpuContext context() { return null; }
    }
}
