package xen.bench.lab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** The experiments: which domains on which machine under which scheduler, and what is read off. All times are virtual and exact. */
final class Experiments {
    static final List<String> PEERS = List.of("rr", "credit", "bvt", "gang", "gang-relaxed");
    private static final long MS = Setup.MS;

    private Experiments() {}

    static List<Experiment> all() {
        return List.of(
                experiment("share", "share error and Jain's index by scheduler, weights 128 to 1024", Experiments::share),
                experiment("idle", "pCPU time idle while work waits: stealing against static placement", Experiments::idle),
                experiment("steal", "how many steals stay within the core", Experiments::steal),
                experiment("latency", "wake-up latency among hogs, p50 and p99", Experiments::latency),
                experiment("spin", "SMP guests that spin on a queued lock, alone and over-committed", (b, s) -> overcommit(b, s, "spin",
                        "queued spin lock without pvspin", Workloads.spin(30_000, 5_000, false))),
                experiment("pvspin", "the same lock with pvspin: waiters block and are kicked", (b, s) -> overcommit(b, s, "pvspin",
                        "queued spin lock with pvspin", Workloads.spin(30_000, 5_000, true))),
                experiment("barrier", "SMP guests that compute in steps and spin at a barrier", (b, s) -> overcommit(b, s, "barrier",
                        "barrier every 500,000 instructions", Workloads.barrier(500_000, 4))),
                experiment("independent", "what gangs cost where vCPUs do not need each other", (b, s) -> overcommit(b, s, "independent",
                        "independent computing", Workloads.compute(100_000))),
                experiment("fragments", "gangs that do not fill the machine: columns without a gang, and what is done with them", Experiments::fragments),
                experiment("smt", "work done by 4 vCPUs on 4 cores of 2 threads: whole cores first", Experiments::smt),
                experiment("swap", "1,000 swaps of rr, gang, credit and bvt under load", Experiments::swap),
                experiment("gantt", "who runs where in 100 ms: two spinning 4-vCPU guests under gang", (b, s) -> gantt(b, s, "gantt", "gang")),
                experiment("gantt-rr", "the same under rr", (b, s) -> gantt(b, s, "gantt-rr", "rr")),
                experiment("machine", "10,000 vCPUs on 1,024 pCPUs through the core", Experiments::machine),
                new DecisionCost(),
                new LinuxSmp(),
                new LinuxDisk());
    }

    @FunctionalInterface
    private interface Body {
        Report run(Experiment.Bench b, long seed) throws InterruptedException;
    }

    private static Experiment experiment(String name, String summary, Body body) {
        return new Experiment() {
            @Override public String name() { return name; }
            @Override public String summary() { return summary; }
            @Override public Report run(Bench b, long seed) throws InterruptedException { return body.run(b, seed); }
        };
    }

    private static List<Double> column(List<Map<String, Object>> rows, String name) {
        return rows.stream().map(r -> ((Number) r.get(name)).doubleValue()).toList();
    }

    private static List<String> names(List<Map<String, Object>> rows, String name) {
        return rows.stream().map(r -> String.valueOf(r.get(name))).toList();
    }

    private static Map<String, List<Double>> series(List<Map<String, Object>> rows, String... columns) {
        Map<String, List<Double>> m = new LinkedHashMap<>();
        for (String c : columns) {
            m.put(c, column(rows, c));
        }
        return m;
    }

    // Fairness

    private static Report share(Experiment.Bench b, long seed) throws InterruptedException {
        int[] weights = {128, 256, 256, 512, 256, 512, 1024, 128, 256, 256, 512, 256};
        List<Map<String, Object>> rows = new ArrayList<>();
        for (String s : PEERS) {
            List<DomainSpec> d = new ArrayList<>();
            for (int i = 0; i < weights.length; i++) {
                d.add(new DomainSpec("d" + i, 1, Workloads.compute(100_000)).weight(weights[i]));
            }
            Outcome o = b.run(s, rows.size(), PEERS.size(), new Setup("1x2x2", s, d, seed, 5_000 * MS));
            rows.add(Report.row("scheduler", s, "share error %", Report.round(o.shareError(), 2), "Jain", Report.round(o.jain(""), 5), "switches",
                    o.figure("core.switches")));
        }
        return new Report("share", "12 computing vCPUs of weights 128 to 1024 on 4 pCPUs, 5 s", rows,
                "Share error: mean of |share - due share| / due share. Jain's index is over time divided by weight; 1 is fair.",
                new Plot.Bars("Weighted shares, 12 vCPUs on 1x2x2", "scheduler", "share error, %", false, names(rows, "scheduler"),
                        series(rows, "share error %")));
    }

    // Stealing

    private static List<DomainSpec> bursts(int n, long work, long sleep) {
        List<DomainSpec> d = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            d.add(new DomainSpec("b" + i, 1, Workloads.bursts(work, sleep)));
        }
        return d;
    }

    private static Report idle(Experiment.Bench b, long seed) throws InterruptedException {
        List<String> schedulers = List.of("rr", "rr-static", "credit", "bvt", "gang");
        List<Map<String, Object>> rows = new ArrayList<>();
        for (String s : schedulers) {
            Setup setup = new Setup("2x2x2", s, bursts(16, 5 * MS, 5 * MS), seed, 2_000 * MS).trace();
            Outcome o = b.run(s, rows.size(), schedulers.size(), setup);
            long begin = MS + setup.warmUp();
            long idle = o.trace().idleWhileWaiting(8, begin, begin + o.setup().measured());
            rows.add(Report.row("scheduler", s, "idle while work waits, ms", Report.round(idle / 1e6, 3), "of pCPU time, %",
                    Report.round(100.0 * idle / (8 * o.setup().measured()), 3), "work done, ms", o.operations() * 5));
        }
        return new Report("idle", "16 vCPUs that compute 5 ms and sleep 5 ms on 8 pCPUs, 2 s", rows,
                "With stealing only hand-overs between pCPUs are left, below the window in which pCPUs see each other (2 us each).",
                new Plot.Bars("pCPU time idle while a vCPU waits, 2x2x2", "scheduler", "ms of 16,000", false, names(rows, "scheduler"),
                        series(rows, "idle while work waits, ms")));
    }

    private static Report steal(Experiment.Bench b, long seed) throws InterruptedException {
        List<String> schedulers = List.of("credit", "rr");
        List<Map<String, Object>> rows = new ArrayList<>();
        for (String s : schedulers) {
            Outcome o = b.run(s, rows.size(), schedulers.size(), new Setup("2x4x2", s, bursts(48, 3 * MS, 3 * MS), seed, 2_000 * MS));
            long sibling = o.figure(s + ".steals.sibling");
            long socket = o.figure(s + ".steals.socket");
            long remote = o.figure(s + ".steals.remote");
            rows.add(Report.row("scheduler", s, "steals", sibling + socket + remote, "sibling", sibling, "socket", socket, "remote", remote, "sibling %",
                    Report.round(100.0 * sibling / Math.max(1, sibling + socket + remote), 1), "migrations remote", o.figure("core.migrations.remote"),
                    "work", o.operations()));
        }
        return new Report("steal", "48 vCPUs that compute 3 ms and sleep 3 ms on 2x4x2, 2 s", rows,
                "By chance a steal would hit the sibling in 1 of 15 cases and stay in the socket in 7 of 15.",
                new Plot.Bars("Where stolen work comes from, 2x4x2", "scheduler", "steals", false, names(rows, "scheduler"),
                        series(rows, "sibling", "socket", "remote")));
    }

    // Latency

    private static Report latency(Experiment.Bench b, long seed) throws InterruptedException {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (String s : PEERS) {
            List<DomainSpec> d = bursts(8, 200_000, 10 * MS);
            for (int i = 0; i < 8; i++) {
                d.add(new DomainSpec("hog" + i, 1, Workloads.compute(1_000_000)));
            }
            Outcome o = b.run(s, rows.size(), PEERS.size(), new Setup("1x4x1", s, d, seed, 4_000 * MS));
            Samples l = o.latencies();
            rows.add(Report.row("scheduler", s, "p50 us", Report.round(l.percentile(50) / 1e3, 1), "p99 us", Report.round(l.percentile(99) / 1e3, 1),
                    "max us", Report.round(l.percentile(100) / 1e3, 1), "wake-ups", l.size()));
        }
        return new Report("latency", "8 vCPUs that wake every 10 ms among 8 hogs on 4 pCPUs, 4 s", rows,
                "Latency is from the moment that a sleep was to end to the first instruction after it.",
                new Plot.Bars("Wake-up latency among hogs, 1x4x1", "scheduler", "microseconds", true, names(rows, "scheduler"),
                        series(rows, "p50 us", "p99 us")));
    }

    // Over-commitment

    private static Report overcommit(Experiment.Bench b, long seed, String name, String what, Supplier<Program> program) throws InterruptedException {
        List<Map<String, Object>> rows = new ArrayList<>();
        Map<String, List<Double>> throughput = new LinkedHashMap<>();
        int[] levels = {1, 2, 4};
        for (String s : PEERS) {
            List<Double> line = new ArrayList<>();
            for (int over : levels) {
                List<DomainSpec> d = new ArrayList<>();
                for (int i = 0; i < over; i++) {
                    d.add(new DomainSpec("smp" + i, 4, program));
                }
                Outcome o = b.run(s + " " + over + ":1", rows.size(), PEERS.size() * levels.length, new Setup("1x4x1", s, d, seed, 1_000 * MS));
                line.add(Report.round(o.throughput(), 0));
                rows.add(Report.row("scheduler", s, "over-commitment", over + ":1", "operations/s", Report.round(o.throughput(), 0), "spinning %",
                        Report.round(100.0 * o.spun() / Math.max(1, o.ran()), 1), "Jain", Report.round(o.jain(""), 4)));
            }
            throughput.put(s, line);
        }
        double rr = throughput.get("rr").get(1);
        double gang = throughput.get("gang").get(1);
        return new Report(name, "4-vCPU guests on 4 pCPUs, " + what + ", 1 s", rows,
                String.format(java.util.Locale.ROOT, "At 2:1 gang does %.2f times the work of rr.", gang / Math.max(1, rr)),
                new Plot.Bars("Throughput, " + what, "4-vCPU guests on 4 pCPUs", "operations a second", true, List.of("1:1", "2:1", "4:1"), throughput));
    }

    private static Report fragments(Experiment.Bench b, long seed) throws InterruptedException {
        List<Map<String, Object>> rows = new ArrayList<>();
        List<List<Integer>> mixes = List.of(List.of(4, 4), List.of(3, 3), List.of(3, 3, 1), List.of(5, 4), List.of(8, 8));
        List<String> schedulers = List.of("rr", "gang", "gang-relaxed");
        Map<String, List<Double>> series = new LinkedHashMap<>();
        for (List<Integer> mix : mixes) {
            for (String s : schedulers) {
                List<DomainSpec> d = new ArrayList<>();
                for (int i = 0; i < mix.size(); i++) {
                    d.add(new DomainSpec("smp" + i, mix.get(i), Workloads.spin(30_000, 5_000, false)));
                }
                Outcome o = b.run(s + " " + mix, rows.size(), mixes.size() * schedulers.size(), new Setup("1x4x1", s, d, seed, 1_000 * MS));
                rows.add(Report.row("gangs", mix.toString(), "scheduler", s, "operations/s", Report.round(o.throughput(), 0), "busy %",
                        Report.round(100.0 * o.ran() / (4.0 * o.setup().measured()), 1), "columns without gang %", o.figure(s + ".fragmentation.permille") / 10.0, "Jain",
                        Report.round(o.jain(""), 4)));
                series.computeIfAbsent(s, k -> new ArrayList<>()).add(Math.max(1, Report.round(o.throughput(), 0)));
            }
        }
        return new Report("fragments", "Spinning guests of several sizes on 4 pCPUs, 1 s", rows,
                "Columns that no gang fills run alternates: members of other gangs, alone, which mostly spin. A gang larger than the machine is laid down as far as it goes.",
                new Plot.Bars("Gangs that do not fill 4 pCPUs", "vCPUs of the guests", "operations a second", true, mixes.stream().map(List::toString).toList(), series));
    }

    private static Report smt(Experiment.Bench b, long seed) throws InterruptedException {
        List<String> schedulers = List.of("rr", "credit", "bvt", "gang", "rr-static");
        List<Map<String, Object>> rows = new ArrayList<>();
        for (String s : schedulers) {
            List<DomainSpec> d = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                d.add(new DomainSpec("c" + i, 1, Workloads.compute(100_000)));
            }
            Outcome o = b.run(s, rows.size(), schedulers.size(), new Setup("1x4x2", s, d, seed, 1_000 * MS));
            rows.add(Report.row("scheduler", s, "operations/s", Report.round(o.throughput(), 0), "of 4 whole cores, %",
                    Report.round(o.throughput() * 100_000 / 4e9 * 100, 1)));
        }
        return new Report("smt", "4 computing vCPUs on 4 cores of 2 threads, 1 s", rows,
                "Two busy threads of a core take 160 % of the time for an instruction: who fills cores first loses.",
                new Plot.Bars("Work of 4 vCPUs on 1x4x2", "scheduler", "% of 4 whole cores", false, names(rows, "scheduler"),
                        series(rows, "of 4 whole cores, %")));
    }

    // Swap

    private static Report swap(Experiment.Bench b, long seed) throws InterruptedException {
        List<Map<String, Object>> rows = new ArrayList<>();
        List<Double> done = new ArrayList<>();
        for (int swaps : new int[] {0, 100, 1_000}) {
            List<DomainSpec> d = new ArrayList<>(List.of(new DomainSpec("smp", 4, Workloads.spin(30_000, 5_000, true)),
                    new DomainSpec("heavy", 2, Workloads.compute(100_000)).weight(512), new DomainSpec("capped", 1, Workloads.compute(100_000)).cap(20)));
            d.addAll(bursts(4, MS, MS));
            Setup setup = new Setup("1x2x2", "rr", d, seed, 4_000 * MS);
            Outcome o = b.run(swaps + " swaps", rows.size(), 3,
                    swaps == 0 ? setup : setup.swaps(new Setup.Swaps(List.of("gang", "credit", "bvt", "gang-relaxed", "rr"), swaps)));
            done.add((double) o.operations());
            rows.add(Report.row("swaps", swaps, "failures", o.figure("core.failures"), "operations", o.operations(), "least of a vCPU", o.least(),
                    "capped ms", Report.round(o.domains().get(2).ran() / 1e6, 1), "pause p50 us (host)", Report.round(o.pauses().percentile(50) / 1e3, 1),
                    "p99 us", Report.round(o.pauses().percentile(99) / 1e3, 1), "max us", Report.round(o.pauses().percentile(100) / 1e3, 1)));
        }
        return new Report("swap", "11 vCPUs of 7 domains on 1x2x2, 4 s, swapped through gang, credit, bvt, gang-relaxed, rr", rows,
                "No vCPU may stand still and no swap fail; a cap of 20 % is 800 ms.",
                new Plot.Bars("Work done under swaps", "swaps in 4 s", "operations", false, List.of("0", "100", "1,000"), Map.of("operations", done)));
    }

    // Pictures

    private static Report gantt(Experiment.Bench b, long seed, String name, String scheduler) throws InterruptedException {
        List<DomainSpec> d = List.of(new DomainSpec("first", 4, Workloads.spin(30_000, 5_000, false)),
                new DomainSpec("second", 4, Workloads.spin(30_000, 5_000, false)));
        Setup setup = new Setup("1x4x1", scheduler, d, seed, 100 * MS).trace();
        Outcome o = b.run(scheduler, 0, 1, setup);
        long begin = MS + setup.warmUp();
        List<Trace.Run> runs = o.trace().runs(begin, begin + o.setup().measured());
        List<String> groups = List.of("first", "second");
        int[] groupOf = o.trace().vcpus().stream().mapToInt(v -> groups.indexOf(v.domain().name())).toArray();
        Function<Integer, Long> ran = p -> runs.stream().filter(r -> r.pcpu() == p).mapToLong(r -> r.to() - r.from()).sum();
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int p = 0; p < 4; p++) {
            int pcpu = p;
            rows.add(Report.row("pCPU", p, "busy ms", Report.round(ran.apply(p) / 1e6, 2), "runs", runs.stream().filter(r -> r.pcpu() == pcpu).count()));
        }
        return new Report(name, "Two 4-vCPU guests that spin on a lock, 4 pCPUs, under " + scheduler + ", 100 ms", rows,
                "The chart has a line a pCPU and a colour a guest.", new Plot.Gantt("Guests over pCPUs under " + scheduler, 4, begin, runs, groups, groupOf));
    }

    // Size

    private static Report machine(Experiment.Bench b, long seed) throws InterruptedException {
        List<Map<String, Object>> rows = new ArrayList<>();
        int[] sizes = {1_000, 10_000};
        for (String s : List.of("rr", "gang")) {
            for (int vcpus : sizes) {
                List<DomainSpec> d = new ArrayList<>();
                for (int i = 0; i < vcpus / 4; i++) {
                    d.add(new DomainSpec("d" + i, 4, Workloads.bursts(3 * MS, 3 * MS)));
                }
                Setup setup = new Setup("8x64x2", s, d, seed, 100 * MS).warmUp(50 * MS);
                Outcome o = b.run(s + " " + vcpus, rows.size(), 4, setup.costs(setup.costs().withWindow(200_000)));
                rows.add(Report.row("scheduler", s, "vCPUs", vcpus, "operations", o.operations(), "busy %",
                        Report.round(100.0 * o.ran() / (1024.0 * setup.measured()), 1), "switches", o.figure("core.switches"), "host seconds",
                        Report.round(o.wallSeconds(), 1)));
            }
        }
        return new Report("machine", "4-vCPU domains that compute 3 ms and sleep 3 ms on 1,024 pCPUs (8x64x2), 0.1 s", rows,
                "Every switch, sleep and wake-up goes through the core; host seconds include building the domains and depend on the host.",
                new Plot.Bars("1,024 pCPUs", "vCPUs", "host seconds", false, List.of("rr 1,000", "rr 10,000", "gang 1,000", "gang 10,000"),
                        series(rows, "host seconds")));
    }
}
