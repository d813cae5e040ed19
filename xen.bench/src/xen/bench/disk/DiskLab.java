package xen.bench.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.bench.disk.LabClient.Behaviour;
import xen.bench.lab.Charts;
import xen.bench.lab.Plot;
import xen.kernel.api.block.BlockCores;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.ServiceClass;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CliName;

/** {@code ./xen lab disk}: disk schedulers under the same guests on the same disks, in virtual time: exact and repeatable. */
@Component
@CliName("lab disk")
public final class DiskLab implements CliCommand {
	private static final List<String> SCHEDULERS = List.of("fifo", "rr", "clook", "sfq", "mclock", "cello", "cello-bytes");
	private static final int[] CROWDS = {0, 1, 2, 4, 8, 16};
	private static final long S = DiskRun.SECOND, LENGTH = 60;
	private static final String USAGE_TEXT = """
			usage: ./xen lab disk [--seed S] [--plot FOLDER]
			Compares disk schedulers on the models of a 7,200 rpm disk and an SSD, in virtual time; --plot draws disk-latency-*.svg and disk-throughput-*.svg.
			""";

	private final BlockCores cores;
	private final BlockDriver driver;
	private long seed;
	private Path plots;

	@Activate public DiskLab(@Reference BlockCores cores, @Reference BlockDriver driver) {
		this.cores = cores;
		this.driver = driver;
	}

	@Override public String summary() { return "disk schedulers compared on modelled disks"; }

	@Override public synchronized int run(List<String> args, CliIo io) throws IOException {
		seed = 1;
		plots = null;
		for (int i = 0; i < args.size(); i += 2) {
			String value = i + 1 < args.size() ? args.get(i + 1) : "";
			if (args.get(i).equals("--seed") && value.matches("[0-9]{1,9}")) {
				seed = Long.parseLong(value);
			} else if (args.get(i).equals("--plot") && Files.isDirectory(Path.of(value))) {
				plots = Path.of(value);
			} else {
				boolean help = args.get(i).equals("--help") || args.get(i).equals("-h");
				(help ? io.out() : io.err()).print(USAGE_TEXT);
				return help ? OK : USAGE;
			}
		}
		for (String disk : List.of("hdd", "ssd")) {
			crowd(disk, io);
			streams(disk, io);
			weights(disk, io);
			realTime(disk, io);
		}
		return OK;
	}

	private DiskRun run(String disk, String scheduler, List<Behaviour> clients, long seconds) {
		return new DiskRun(cores, driver, disk, scheduler, seed, clients).run(S, seconds * S);
	}

	private static void line(CliIo io, String format, Object... values) { io.out().println(String.format(Locale.ROOT, format, values)); }

	private void crowd(String disk, CliIo io) throws IOException {
		line(io, "%n%s: one interactive client (4 KiB random reads, 20 ms of thought) beside n that stream (4 requests of 40 KiB each); %d s", disk, LENGTH);
		line(io, "scheduler     n   p50 ms   p99 ms  times alone  total MB/s");
		Map<String, List<Double>> latency = new LinkedHashMap<>(), throughput = new LinkedHashMap<>();
		for (String s : SCHEDULERS) {
			double alone = 0;
			for (int n : CROWDS) {
				try (DiskRun r = run(disk, s, DiskRun.crowd(Behaviour.INTERACTIVE, Behaviour.HOSTILE, n), LENGTH)) {
					LabClient c = r.clients.getFirst();
					double p99 = c.percentile(0.99) / 1e6, rate = r.bytes() / (LENGTH * 1e6);
					alone = n == 0 ? p99 : alone;
					line(io, "%-12s %2d %8.3f %8.3f %12.2f %11.2f", s, n, c.percentile(0.5) / 1e6, p99, p99 / alone, rate);
					latency.computeIfAbsent(s, x -> new ArrayList<>()).add(p99);
					throughput.computeIfAbsent(s, x -> new ArrayList<>()).add(rate);
				}
			}
		}
		if (plots != null) {
			List<Double> at = java.util.Arrays.stream(CROWDS).mapToObj(n -> (double) n).toList();
			System.setProperty("java.awt.headless", "true");
			Charts.write(new Plot.Lines("p99 of an interactive client on the " + disk + " model", "clients that stream", "ms", false, at, latency), plots.resolve("disk-latency-" + disk + ".svg"));
			Charts.write(new Plot.Lines("Throughput of all on the " + disk + " model", "clients that stream", "MB/s", false, at, throughput), plots.resolve("disk-throughput-" + disk + ".svg"));
		}
	}

	private void streams(String disk, CliIo io) {
		line(io, "%n%s: sixteen that stream and nobody else; %d s", disk, LENGTH);
		line(io, "scheduler    total MB/s  of C-LOOK %%");
		double elevator = 0;
		Map<String, Double> rates = new LinkedHashMap<>();
		for (String s : SCHEDULERS) {
			try (DiskRun r = run(disk, s, DiskRun.crowd(Behaviour.HOSTILE, Behaviour.HOSTILE, 15), LENGTH)) {
				rates.put(s, r.bytes() / (LENGTH * 1e6));
				elevator = s.equals("clook") ? rates.get(s) : elevator;
			}
		}
		for (Map.Entry<String, Double> e : rates.entrySet()) {
			line(io, "%-12s %10.2f %12.1f", e.getKey(), e.getValue(), 100 * e.getValue() / elevator);
		}
	}

	private void weights(String disk, CliIo io) {
		line(io, "%n%s: four streams with weights 1:2:4:8, all backlogged (8 requests of 40 KiB each); largest error of a share in 10 s, and in the worst 10 s of 20", disk);
		line(io, "scheduler    error of time %%  worst   error of bytes %%  worst   total MB/s");
		for (String s : SCHEDULERS) {
			List<Behaviour> four = new ArrayList<>();
			for (int w : new int[] {64, 128, 256, 512}) {
				four.add(new Behaviour(ServiceClass.THROUGHPUT, w, 8, 10, true, 0, 0, 0));
			}
			try (DiskRun r = run(disk, s, four, 0)) {
				List<long[]> time = new ArrayList<>(), bytes = new ArrayList<>();
				long[] sum = new long[4];
				for (int t = 0; t <= 200; t++) {
					time.add(r.service());
					bytes.add(sum.clone());
					r.run(0, S / 10);
					for (int i = 0; i < 4; i++) {
						sum[i] += r.clients.get(i).bytes;
					}
				}
				double total = java.util.Arrays.stream(bytes.get(100)).sum() / 10e6;
				line(io, "%-12s %14.2f %7.2f %16.2f %7.2f %11.2f", s, error(time, 1), error(time, 101), error(bytes, 1), error(bytes, 101), total);
			}
		}
	}

	/** Percent, over the first windows of 100 steps. */
	private static double error(List<long[]> sums, int windows) {
		double worst = 0;
		for (int w = 0; w < windows; w++) {
			double all = 0;
			for (int i = 0; i < 4; i++) {
				all += sums.get(w + 100)[i] - sums.get(w)[i];
			}
			for (int i = 0; i < 4; i++) {
				worst = Math.max(worst, Math.abs((sums.get(w + 100)[i] - sums.get(w)[i]) / all * 15 / (1 << i) - 1));
			}
		}
		return worst * 100;
	}

	private void realTime(String disk, CliIo io) {
		line(io, "%n%s: one real-time client (40 KiB each 20 ms, deadline 50 ms) beside n that stream; %d s", disk, LENGTH);
		line(io, "scheduler     n  requests  missed   p99 ms  total MB/s");
		for (String s : SCHEDULERS) {
			for (int n : new int[] {1, 16}) {
				try (DiskRun r = run(disk, s, DiskRun.crowd(Behaviour.FILM, Behaviour.HOSTILE, n), LENGTH)) {
					LabClient c = r.clients.getFirst();
					line(io, "%-12s %2d %9d %7d %8.3f %11.2f", s, n, c.answers(), c.missed, c.percentile(0.99) / 1e6, r.bytes() / (LENGTH * 1e6));
				}
			}
		}
	}
}
