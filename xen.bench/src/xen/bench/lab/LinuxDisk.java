package xen.bench.lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import xen.bench.Scratch;
import xen.bench.process.Cpio;
import xen.bench.process.DebianFiles;
import xen.bench.process.Program;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.ServiceClass;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.CostModel;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.time.TimeMode;
import xen.toolstack.api.DomainManager;

/**
 * Three Debian kernels on one disk, one of them hostile, under each disk scheduler; each has a pCPU of its own. The hostile one's disk is of
 * the throughput class, and once, under Cello, of the interactive class, which it has no right to.
 */
final class LinuxDisk implements Experiment {
    private static final List<String> SCHEDULERS = List.of("fifo", "rr", "clook", "sfq", "mclock", "cello", "cello-bytes");
    /** Who is alone needs no scheduler. */
    private static final String BASE = "fifo";
    private static final Topology MACHINE = new Topology(1, LinuxDisks.GUESTS, 1);
    /** Answers of a disk take 70 us: pCPUs see each other's requests much sooner than that. */
    private static final int WINDOW = 2_000;

    private Hypervisor hypervisor;
    private DomainManager manager;
    private BlockControl blocks;

    void use(Hypervisor h, DomainManager m, BlockControl b) {
        hypervisor = h;
        manager = m;
        blocks = b;
    }

    @Override public String name() { return "linux-disk"; }

    @Override public String summary() { return "three Debian guests on one disk, one of them hostile, under each disk scheduler (minutes)"; }

    @Override public Report run(Bench bench, long seed) throws InterruptedException {
        if (Program.find("gcc") == null) {
            throw new CommandFailure(CliCommand.FAILED, "lab linux-disk: skipped: there is no gcc to compile the guest's program with (Debian: apt-get install gcc)");
        }
        try (Scratch scratch = new Scratch()) {
            DebianFiles files = DebianFiles.fetchWithModules("cloud", "xen-blkfront").copied(scratch.folder());
            Files.write(files.ramdisk(), Cpio.program("init", Files.readAllBytes(compile(scratch.folder())), "dev"), StandardOpenOption.APPEND);
            return report(campaign(files, bench, seed));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path compile(Path folder) throws IOException, InterruptedException {
        try (InputStream in = LinuxDisk.class.getResourceAsStream("guest/crowd.c")) {
            Files.copy(in, folder.resolve("crowd.c"));
        }
        Program.run(List.of("gcc", "-O2", "-static", "-o", "crowd", "crowd.c"), folder);
        return folder.resolve("crowd");
    }

    private static List<DiskRound> rounds() {
        List<DiskRound> rounds = new ArrayList<>();
        boolean[] all = {true, true, true};
        for (LinuxDisks.Disk d : LinuxDisks.Disk.values()) {
            for (int i = 0; i < LinuxDisks.GUESTS; i++) {
                rounds.add(DiskRound.alone(d.model, BASE, i));
            }
            for (String s : SCHEDULERS) {
                rounds.add(new DiskRound(d.model, s, ServiceClass.THROUGHPUT, all));
            }
            rounds.add(new DiskRound(d.model, "cello", ServiceClass.INTERACTIVE, all));
        }
        return rounds;
    }

    private Map<DiskRound, DiskRound.Got[]> campaign(DebianFiles files, Bench bench, long seed) throws InterruptedException {
        List<DiskRound> rounds = rounds();
        int[] done = {0};
        bench.show(done[0]++, rounds.size() + 1, "boot of three guests");
        hypervisor.powerOn(new MachineConfig(LinuxDisks.machineBytes(), MACHINE, TimeMode.VIRTUAL, "x86smp", "rr", MachineConfig.DEFAULT_HZ,
                CostModel.DEFAULT.withWindow(WINDOW)));
        try {
            return new LinuxDisks(hypervisor, manager, blocks, files.kernel(), files.ramdisk(), seed)
                    .run(rounds, r -> bench.show(done[0]++, rounds.size() + 1, r.toString()));
        } finally {
            manager.list().forEach(manager::destroy);
            hypervisor.powerOff();
        }
    }

    private static Report report(Map<DiskRound, DiskRound.Got[]> results) {
        List<Map<String, Object>> rows = new ArrayList<>();
        Map<String, List<Double>> bars = new LinkedHashMap<>();
        results.forEach((r, got) -> {
            if (r.all()) {
                rows.add(row(r, got, results));
                bars.computeIfAbsent(label(r), k -> new ArrayList<>()).add(Report.round(got[0].p99() / 1e6, 3));
            }
        });
        Map<String, Double> times = new LinkedHashMap<>();
        rows.forEach(row -> times.put(row.get("disk") + " " + row.get("scheduler"), (Double) row.get("A times")));
        return new Report("linux-disk", "Three Debian guests on one disk. A: 4 KiB random reads with pauses; B: reads in sequence, 4 of 128 KiB; C: hostile, 64 at once of up to 512 KiB"
                + " from any sector on, three of four writes, every 16th a flush. Each alone, and all at once", rows,
                String.format(Locale.ROOT, "Beside B and C, A's p99 is %.1f times that of alone under cello on the disk and %.1f on the SSD; %.1f and %.1f under rr.",
                        times.get("hdd cello"), times.get("ssd cello"), times.get("hdd rr"), times.get("ssd rr")),
                new Plot.Bars("p99 of an interactive Linux guest beside a stream and a hostile one", "model", "ms", true, List.of("disk", "SSD"), bars));
    }

    private static String label(DiskRound r) { return r.scheduler() + (r.hostileClass() == ServiceClass.INTERACTIVE ? ", C lies" : ""); }

    private static DiskRound.Got alone(Map<DiskRound, DiskRound.Got[]> results, DiskRound of, int guest) {
        return results.entrySet().stream().filter(e -> e.getKey().disk().equals(of.disk()) && !e.getKey().all() && e.getKey().working()[guest]).findFirst()
                .orElseThrow().getValue()[guest];
    }

    private static Map<String, Object> row(DiskRound r, DiskRound.Got[] got, Map<DiskRound, DiskRound.Got[]> results) {
        double seconds = LinuxDisks.Disk.of(r.disk()).millis / 1e3;
        DiskRound.Got a = alone(results, r, 0);
        double total = 0;
        for (DiskRound.Got g : got) {
            total += g.bytes();
        }
        return Report.row("disk", r.disk(), "scheduler", label(r), "A alone p99 ms", millis(a.p99()), "A p50 ms", millis(got[0].p50()), "A p99 ms", millis(got[0].p99()),
                "A times", Report.round((double) got[0].p99() / a.p99(), 2), "A/s", Report.round(got[0].requests() / seconds, 1),
                "B alone MB/s", rate(alone(results, r, 1), seconds), "B MB/s", rate(got[1], seconds),
                "C alone MB/s", rate(alone(results, r, 2), seconds), "C MB/s", rate(got[2], seconds), "total MB/s", Report.round(total / seconds / 1e6, 2));
    }

    private static double millis(long nanos) { return Report.round(nanos / 1e6, 3); }

    private static double rate(DiskRound.Got g, double seconds) { return Report.round(g.bytes() / seconds / 1e6, 2); }
}
