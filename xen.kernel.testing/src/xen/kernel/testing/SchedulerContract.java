package xen.kernel.testing;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.kit.SchedulerSim;
import xen.kernel.api.sched.kit.SimVcpu;

/**
 * What every scheduler must pass. A bundle's test asks for {@link #checks} and runs each as a test of its own; a check throws
 * AssertionError with the rule that was broken and the seed. Policies that leave out something by design remove that check by name and
 * say so in their readme.
 */
public final class SchedulerContract {
    private static final long MS = 1_000_000L;

    private final Supplier<Scheduler> make;

    private SchedulerContract(Supplier<Scheduler> make) { this.make = make; }

    /** Checks by name, in a fixed order. */
    public static Map<String, Runnable> checks(Supplier<Scheduler> make) {
        SchedulerContract c = new SchedulerContract(make);
        Map<String, Runnable> m = new LinkedHashMap<>();
        for (int seed = 1; seed <= 20; seed++) {
            int s = seed;
            m.put("no vCPU is lost or run twice in a storm of changes, seed " + s, () -> c.storm(s));
        }
        m.put("no pCPU idles while work waits that it may run", c::workConservation);
        m.put("affinity is respected and a pinned vCPU gets its pCPU", c::affinity);
        m.put("weights share one pCPU within 3 percent", () -> c.weights("1x1x1"));
        m.put("weights share two pCPUs within 10 percent", () -> c.weights("1x2x1"));
        m.put("three equal vCPUs share two pCPUs within 10 percent", c::threeOnTwo);
        m.put("a cap is kept within 3 percent, also by a vCPU that naps", c::caps);
        m.put("a swap under load loses nobody and keeps everything", c::swap);
        m.put("a cap is kept within 10 percent when the scheduler is swapped every few milliseconds", c::capsUnderSwaps);
        m.put("a pool with holes uses its pCPUs and no others", c::holes);
        m.put("what a decision asks of vCPUs does not grow with their number", c::flat);
        m.put("an idle machine wakes up for whoever comes", c::wakeUp);
        return m;
    }

    private static void check(boolean ok, String rule) {
        if (!ok) {
            throw new AssertionError(rule);
        }
    }

    private void storm(int seed) {
        Random r = new Random(seed);
        Topology t = new Topology(1 + r.nextInt(2), 1 + r.nextInt(4), 1 + r.nextInt(2));
        SchedulerSim sim = new SchedulerSim(t);
        sim.use(make.get());
        int n = 1 + r.nextInt(4 * t.pcpus());
        for (int i = 0; i < n; i++) {
            SimVcpu v = sim.add("v" + i);
            v.burst = r.nextInt(3) == 0 ? 0 : 1 + r.nextInt(20_000_000);
            v.pause = 1 + r.nextInt(5_000_000);
            v.weight = 1 + r.nextInt(1000);
        }
        for (int i = 0; i < 300; i++) {
            sim.at(r.nextInt(1000) * MS, () -> disturb(sim, r));
        }
        sim.runUntil(1000 * MS);
        // calm: everybody may run everywhere, and must
        long[] before = new long[n];
        BitSet everything = new BitSet();
        everything.set(0, t.pcpus());
        sim.pool(everything);
        for (int i = 0; i < n; i++) {
            SimVcpu v = sim.vcpus().get(i);
            v.affinity = null;
            v.cap = 0;
            v.computeForEver();
            sim.changed(v);
            sim.wake(v);
            before[i] = v.ran();
        }
        sim.at(1000 * MS, () -> { });
        sim.runUntil(1000 * MS + 400L * n * MS);
        for (int i = 0; i < n; i++) {
            check(sim.vcpus().get(i).ran() > before[i], sim.vcpus().get(i) + " was lost (seed " + seed + ", " + t + ")");
        }
    }

    private void disturb(SchedulerSim sim, Random r) {
        SimVcpu v = sim.vcpus().get(r.nextInt(sim.vcpus().size()));
        switch (r.nextInt(7)) {
            case 0 -> sim.stop(v);
            case 1 -> sim.wake(v);
            case 2 -> {
                v.affinity = r.nextBoolean() ? null : oneOf(sim, r);
                sim.changed(v);
            }
            case 3 -> {
                v.weight = 1 + r.nextInt(2000);
                sim.changed(v);
            }
            case 4 -> {
                v.cap = r.nextBoolean() ? 0 : 1 + r.nextInt(100);
                sim.changed(v);
            }
            case 5 -> sim.pool(oneOf(sim, r));
            default -> sim.use(make.get());
        }
    }

    private static BitSet oneOf(SchedulerSim sim, Random r) {
        BitSet b = new BitSet();
        b.set(r.nextInt(sim.topology().pcpus()));
        b.set(r.nextInt(sim.topology().pcpus()));
        return b;
    }

    private void holes() {
        for (int seed = 1; seed <= 10; seed++) {
            Random r = new Random(seed);
            SchedulerSim sim = new SchedulerSim(new Topology(2, 2, 2));
            BitSet pool = BitSet.valueOf(new long[] {1 + r.nextInt(255)});
            sim.pool(pool);
            sim.use(make.get());
            for (int i = 0; i < 12; i++) {
                SimVcpu v = sim.add("v" + i);
                v.burst = i % 4 == 0 ? 0 : 1 + r.nextInt(8_000_000);
                v.pause = 1 + r.nextInt(8_000_000);
            }
            sim.runUntil(500 * MS);
            BitSet other = BitSet.valueOf(new long[] {1 + r.nextInt(255)});
            sim.at(500 * MS, () -> sim.pool(other));
            sim.runUntil(1000 * MS);
            long busy = sim.vcpus().stream().mapToLong(SimVcpu::ran).sum();
            check(busy <= 500L * MS * (pool.cardinality() + other.cardinality()), "more was run than the pool " + pool + " then " + other + " can do");
            for (SimVcpu v : sim.vcpus()) {
                check(v.ran() > 0, v + " never ran in the pool " + pool + " then " + other);
            }
            check(sim.idleWhileWaiting() == 0, "pCPUs of the pool idled for " + sim.idleWhileWaiting() + " ns while work waited (seed " + seed + ")");
        }
    }

    private void workConservation() {
        for (int seed = 1; seed <= 10; seed++) {
            Random r = new Random(seed);
            SchedulerSim sim = new SchedulerSim(new Topology(2, 2, 2));
            sim.use(make.get());
            for (int i = 0; i < 12; i++) {
                SimVcpu v = sim.add("v" + i);
                v.burst = 1 + r.nextInt(8_000_000);
                v.pause = 1 + r.nextInt(8_000_000);
                v.affinity = i % 3 == 0 ? oneOf(sim, r) : null;
            }
            sim.runUntil(2000 * MS);
            check(sim.idleWhileWaiting() == 0, "pCPUs idled for " + sim.idleWhileWaiting() + " ns while work waited (seed " + seed + ")");
        }
    }

    private void affinity() {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 2, 1));
        sim.use(make.get());
        SimVcpu pinned = sim.add("pinned");
        pinned.affinity = new BitSet();
        pinned.affinity.set(1);
        SimVcpu other = sim.add("other");
        other.affinity = new BitSet();
        other.affinity.set(0);
        sim.runUntil(500 * MS);
        check(pinned.ran() == 500 * MS && other.ran() == 500 * MS, "two vCPUs pinned to two pCPUs ran " + pinned.ran() + " and " + other.ran());
    }

    private void weights(String topology) {
        Topology t = Topology.parse(topology);
        SchedulerSim sim = new SchedulerSim(t);
        sim.use(make.get());
        int[] weights = {128, 256, 256, 512, 256, 128, 256, 512};
        long sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sim.add("w" + weights[i] + "." + i).weight = weights[i];
            sum += weights[i];
        }
        long end = 20_000 * MS;
        sim.runUntil(end);
        double tolerance = t.pcpus() == 1 ? 0.03 : 0.10;
        for (SimVcpu v : sim.vcpus()) {
            double due = (double) end * t.pcpus() * v.weight / sum;
            check(Math.abs(v.ran() - due) <= tolerance * due, v + " ran " + v.ran() / MS + " ms, due " + Math.round(due / MS) + " ms");
        }
    }

    private void threeOnTwo() {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 2, 1));
        sim.use(make.get());
        for (int i = 0; i < 3; i++) {
            sim.add("v" + i);
        }
        sim.runUntil(6000 * MS);
        for (SimVcpu v : sim.vcpus()) {
            check(Math.abs(v.ran() - 4000 * MS) < 400 * MS, v + " ran " + v.ran() / MS + " ms, due 4000 ms");
        }
    }

    private void caps() {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 2, 1));
        sim.use(make.get());
        SimVcpu quarter = sim.add("quarter");
        quarter.cap = 25;
        SimVcpu napping = sim.add("napping");
        napping.cap = 40;
        napping.burst = 3 * MS;
        napping.pause = 1000;
        sim.runUntil(10_000 * MS);
        check(Math.abs(quarter.ran() - 2500 * MS) <= 75 * MS, "cap 25 ran " + quarter.ran() / MS + " ms of 10000");
        check(Math.abs(napping.ran() - 4000 * MS) <= 120 * MS, "cap 40 with naps ran " + napping.ran() / MS + " ms of 10000");
    }

    private void swap() {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 2, 2));
        sim.use(make.get());
        for (int i = 0; i < 9; i++) {
            SimVcpu v = sim.add("v" + i);
            v.burst = i % 2 == 0 ? 0 : 2 * MS + i;
            v.pause = MS;
        }
        for (int i = 1; i <= 100; i++) {
            sim.at(i * 7 * MS + i * 1234, () -> sim.use(make.get()));
        }
        sim.runUntil(1000 * MS);
        for (SimVcpu v : sim.vcpus()) {
            check(v.ran() > 50 * MS, v + " ran only " + v.ran() + " ns of a second with 100 swaps");
        }
        check(sim.idleWhileWaiting() == 0, "pCPUs idled while work waited");
    }

    private void capsUnderSwaps() {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 2, 1));
        sim.use(make.get());
        SimVcpu fifth = sim.add("fifth");
        fifth.cap = 20;
        sim.add("other");
        for (int i = 1; i <= 700; i++) {
            sim.at(i * 7 * MS + i * 1234, () -> sim.use(make.get()));
        }
        sim.runUntil(5000 * MS);
        check(Math.abs(fifth.ran() - 1000 * MS) <= 100 * MS, "cap 20 ran " + fifth.ran() / MS + " ms of 5000 with 700 swaps");
    }

    private void flat() {
        double few = questionsARun(200);
        double many = questionsARun(2_000);
        check(many < 1.5 * few + 3, "a run costs " + many + " questions with 2,000 vCPUs, " + few + " with 200");
    }

    private double questionsARun(int vcpus) {
        Random r = new Random(vcpus);
        SchedulerSim sim = new SchedulerSim(new Topology(2, 8, 2));
        sim.use(make.get());
        for (int i = 0; i < vcpus; i++) {
            SimVcpu v = sim.add("v" + i);
            v.burst = i % 3 == 0 ? 0 : 1 + r.nextInt(6_000_000);
            v.pause = 1 + r.nextInt(6_000_000);
        }
        sim.runUntil(100 * MS);
        long questions = sim.questions();
        long runs = sim.runs();
        sim.runUntil(400 * MS);
        return (double) (sim.questions() - questions) / (sim.runs() - runs);
    }

    private void wakeUp() {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 4, 2));
        sim.use(make.get());
        sim.runUntil(100 * MS);
        for (int i = 0; i < 8; i++) {
            sim.add("late" + i);
        }
        sim.runUntil(200 * MS);
        for (SimVcpu v : sim.vcpus()) {
            check(v.ran() == 100 * MS, v + " ran " + v.ran() / MS + " ms of 100 on a machine with a pCPU for each");
        }
    }
}
