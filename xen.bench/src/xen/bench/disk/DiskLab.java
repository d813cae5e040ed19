package xen.bench.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.bench.disk.LabClient.Behaviour;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.BlockCores;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.kit.SimHost;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CliName;

/** {@code ./xen lab disk}: disk schedulers under the same guests on the same disks, in virtual time: exact and repeatable. */
@Component
@CliName("lab disk")
public final class DiskLab implements CliCommand {
	private static final long DISK_SECTORS = 1L << 31, SECOND = 1_000_000_000L;
	private static final int MOST_CLIENTS = 20;
	private static final List<String> SCHEDULERS = List.of("fifo", "rr", "clook", "sfq", "mclock", "cello", "cello-bytes");

	private final BlockCores cores;
	private final BlockDriver driver;

	@Activate public DiskLab(@Reference BlockCores cores, @Reference BlockDriver driver) {
		this.cores = cores;
		this.driver = driver;
	}

	@Override public String summary() { return "disk schedulers compared on modelled disks"; }

	/** One run. */
	private final class Run implements AutoCloseable {
		final SimHost host = new SimHost(MOST_CLIENTS * 100);
		final BlockControl core = cores.open(host, driver);
		final List<LabClient> clients = new ArrayList<>();

		Run(String disk, String scheduler, List<Behaviour> behaviours) {
			core.selectScheduler(null, scheduler);
			for (Behaviour b : behaviours) {
				clients.add(new LabClient(host, core, b, clients.size(), DISK_SECTORS / MOST_CLIENTS & -4096, disk, 1));
			}
			clients.forEach(LabClient::start);
		}

		Run run(long warmNanos, long nanos) {
			until(host.now() + warmNanos);
			clients.forEach(LabClient::reset);
			until(host.now() + nanos);
			return this;
		}

		private void until(long end) {
			while (host.now() < end && host.step()) {
				clients.forEach(LabClient::poll);
			}
		}

		@Override public void close() {
			clients.forEach(c -> c.vbd.close());
			host.close();
		}
	}

	@Override public int run(List<String> args, CliIo io) {
		if (!args.isEmpty()) {
			io.err().println("usage: ./xen lab disk");
			return args.equals(List.of("--help")) ? OK : USAGE;
		}
		for (String disk : List.of("hdd", "ssd")) {
			latency(disk, io);
			weights(disk, io);
			realTime(disk, io);
		}
		return OK;
	}

	private static List<Behaviour> crowd(Behaviour first, int hostile) {
		List<Behaviour> all = new ArrayList<>();
		all.add(first);
		for (int i = 0; i < hostile; i++) {
			all.add(Behaviour.HOSTILE);
		}
		return all;
	}

	private void latency(String disk, CliIo io) {
		io.out().println("\n" + disk + ": one interactive client (4 KiB random reads) beside n that stream (4 requests of 40 KiB each); 20 s");
		io.out().println("scheduler     n   p50 ms   p99 ms  total MB/s");
		for (String s : SCHEDULERS) {
			for (int n : new int[] {0, 1, 4, 16}) {
				try (Run r = new Run(disk, s, crowd(Behaviour.INTERACTIVE, n)).run(SECOND, 20 * SECOND)) {
					LabClient c = r.clients.getFirst();
					long bytes = r.clients.stream().mapToLong(x -> x.bytes).sum();
					io.out().println(String.format(Locale.ROOT, "%-12s %2d %s %s %9.2f", s, n, ms(c, 0.5), ms(c, 0.99), bytes / 20e6));
				}
			}
		}
	}

	private static String ms(LabClient c, double p) {
		return c.answers() == 0 ? "   never" : String.format(Locale.ROOT, "%8.3f", c.percentile(p) / 1e6);
	}

	private void weights(String disk, CliIo io) {
		io.out().println("\n" + disk + ": four streams with weights 1:2:4:8, all backlogged (deeper rings); 10 s; largest error of a share");
		io.out().println("scheduler    error of time %  error of bytes %  total MB/s");
		for (String s : SCHEDULERS) {
			List<Behaviour> four = new ArrayList<>();
			for (int w : new int[] {64, 128, 256, 512}) {
				four.add(new Behaviour(xen.kernel.api.block.ServiceClass.THROUGHPUT, w, 24, 4, true, 0, 0, 0));
			}
			try (Run r = new Run(disk, s, four).run(SECOND, 0)) {
				long[] before = r.clients.stream().mapToLong(c -> service(c)).toArray();
				r.run(0, 10 * SECOND);
				double time = 0, bytes = 0, timeError = 0, byteError = 0;
				for (int i = 0; i < 4; i++) {
					time += service(r.clients.get(i)) - before[i];
					bytes += r.clients.get(i).bytes;
				}
				for (int i = 0; i < 4; i++) {
					double fair = (1 << i) / 15.0;
					timeError = Math.max(timeError, Math.abs((service(r.clients.get(i)) - before[i]) / time / fair - 1));
					byteError = Math.max(byteError, Math.abs(r.clients.get(i).bytes / bytes / fair - 1));
				}
				io.out().println(String.format(Locale.ROOT, "%-12s %12.2f %16.2f %14.2f", s, timeError * 100, byteError * 100, bytes / 10e6));
			}
		}
	}

	private static long service(LabClient c) {
		Map<String, Long> m = c.vbd.counters();
		return m.get("service_ns");
	}

	private void realTime(String disk, CliIo io) {
		io.out().println("\n" + disk + ": one real-time client (40 KiB each 20 ms, deadline 50 ms) beside n that stream; 20 s");
		io.out().println("scheduler     n  requests  missed");
		for (String s : SCHEDULERS) {
			for (int n : new int[] {1, 16}) {
				try (Run r = new Run(disk, s, crowd(Behaviour.FILM, n)).run(SECOND, 20 * SECOND)) {
					LabClient c = r.clients.getFirst();
					io.out().println("%-12s %2d %9d %7d".formatted(s, n, c.answers(), c.missed));
				}
			}
		}
	}
}
