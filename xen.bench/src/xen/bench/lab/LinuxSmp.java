package xen.bench.lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import xen.bench.Scratch;
import xen.bench.process.Cpio;
import xen.bench.process.DebianFiles;
import xen.bench.process.Program;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.CostModel;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.time.TimeMode;
import xen.toolstack.api.DomainManager;

/**
 * Debian's kernel as a guest of 4 vCPUs on 4 pCPUs, alone and over-committed, with and without {@code nopvspin}: the spin locks are the
 * real ones of Linux.
 */
final class LinuxSmp implements Experiment {
    private static final List<String> SCHEDULERS = List.of("rr", "credit", "bvt", "gang", "gang-relaxed");
    private static final List<Integer> LEVELS = List.of(1, 2, 4);
    private static final Topology MACHINE = new Topology(1, 4, 1);
    private static final long LENGTH = 200 * Setup.MS;
    private static final String QUIET = "console=hvc0 quiet";

    private Hypervisor hypervisor;
    private DomainManager manager;

    void use(Hypervisor h, DomainManager m) {
        hypervisor = h;
        manager = m;
    }

    @Override public String name() { return "linux"; }

    @Override public String summary() { return "Debian's kernel with 4 vCPUs, alone and over-committed, with and without nopvspin (minutes)"; }

    @Override public Report run(Bench bench, long seed) throws InterruptedException {
        if (Program.find("gcc") == null) {
            throw new CommandFailure(CliCommand.FAILED, "lab linux: skipped: there is no gcc to compile the guest's program with (Debian: apt-get install gcc)");
        }
        try (Scratch scratch = new Scratch()) {
            Path kernel = DebianFiles.fetch("cloud").kernel();
            Path ramdisk = Files.write(scratch.folder().resolve("smp.cpio"), Cpio.program("init", Files.readAllBytes(compile(scratch.folder())), "dev"));
            List<LinuxRound> rounds = new ArrayList<>();
            for (String s : SCHEDULERS) {
                LEVELS.forEach(n -> rounds.add(new LinuxRound(s, "locks", n)));
                rounds.add(new LinuxRound(s, "compute", 2));
            }
            int[] done = {0};
            List<LinuxRound.Result> without = campaign(kernel, ramdisk, QUIET + " nopvspin", rounds, bench, done, "nopvspin");
            List<LinuxRound.Result> with = campaign(kernel, ramdisk, QUIET, rounds, bench, done, "pvspin");
            return report(without, with);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path compile(Path folder) throws IOException, InterruptedException {
        try (InputStream in = LinuxSmp.class.getResourceAsStream("guest/smp.c")) {
            Files.copy(in, folder.resolve("smp.c"));
        }
        Program.run(List.of("gcc", "-O2", "-static", "-pthread", "-o", "smp", "smp.c"), folder);
        return folder.resolve("smp");
    }

    private List<LinuxRound.Result> campaign(Path kernel, Path ramdisk, String commandLine, List<LinuxRound> rounds, Bench bench, int[] done, String mode)
            throws InterruptedException {
        int guests = LEVELS.getLast();
        int all = 2 * (rounds.size() + 1);
        bench.show(done[0]++, all, mode + " boot of " + guests + " guests");
        hypervisor.powerOn(new MachineConfig(LinuxGuests.machineBytes(guests), MACHINE, TimeMode.VIRTUAL, "x86smp", "rr", MachineConfig.DEFAULT_HZ,
                CostModel.DEFAULT.withWindow(Setup.WINDOW)));
        try {
            return new LinuxGuests(hypervisor, manager, kernel, ramdisk, commandLine, guests, LENGTH).run(rounds,
                    r -> bench.show(done[0]++, all, mode + " " + r.scheduler() + " " + r.load() + " " + r.guests() + ":1"));
        } finally {
            manager.list().forEach(manager::destroy);
            hypervisor.powerOff();
        }
    }

    private static Report report(List<LinuxRound.Result> without, List<LinuxRound.Result> with) {
        List<Map<String, Object>> rows = new ArrayList<>();
        Map<String, List<Double>> bars = new LinkedHashMap<>();
        rows(rows, bars, without, "nopvspin");
        rows(rows, bars, with, "pvspin");
        double rr = throughput(without, "rr", "locks", 2);
        double gang = throughput(without, "gang", "locks", 2);
        double loss = 100 * (1 - throughput(without, "gang", "compute", 2) / throughput(without, "rr", "compute", 2));
        return new Report("linux", "Linux guests of 4 vCPUs on 4 pCPUs, " + LENGTH / Setup.MS + " ms a round: dup and close on one descriptor table, or checksums", rows,
                String.format(java.util.Locale.ROOT, "Without pvspin, 2:1, gang does %.2f times the work of rr; on independent work it does %.1f %% less.", gang / rr, loss),
                new Plot.Bars("Linux, contended kernel spin lock, 4 vCPUs a guest on 4 pCPUs", "over-commitment", "operations a second", true,
                        List.of("nopvspin 1:1", "nopvspin 2:1", "nopvspin 4:1", "pvspin 1:1", "pvspin 2:1", "pvspin 4:1"), bars));
    }

    private static void rows(List<Map<String, Object>> rows, Map<String, List<Double>> bars, List<LinuxRound.Result> results, String mode) {
        for (LinuxRound.Result r : results) {
            LinuxRound x = r.round();
            rows.add(Report.row("kernel", mode, "load", x.load(), "scheduler", x.scheduler(), "over-commitment", x.guests() + ":1", "operations/s",
                    Report.round(r.throughput(), 0), "spinning %", Report.round(r.spin(), 1), "ran ms", Report.round(r.ran() / 1e6, 1), "stolen ms",
                    Report.round(r.stolen() / 1e6, 1), "Jain", Report.round(r.jain(), 4)));
            if (x.load().equals("locks")) {
                bars.computeIfAbsent(x.scheduler(), k -> new ArrayList<>()).add(Math.max(1, Report.round(r.throughput(), 0)));
            }
        }
    }

    private static double throughput(List<LinuxRound.Result> results, String scheduler, String load, int guests) {
        return results.stream().filter(r -> r.round().equals(new LinuxRound(scheduler, load, guests))).findFirst().orElseThrow().throughput();
    }
}
