package xen.bench.driver;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.bench.Arguments;
import xen.bench.BenchName;
import xen.bench.Benchmark;
import xen.bench.Figures;
import xen.bench.Scratch;
import xen.bench.process.CpuClock;
import xen.bench.process.DebianFiles;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.DriverFault;
import xen.kernel.api.block.FaultInjection;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.time.TimeMode;
import xen.toolstack.api.DomainManager;

/**
 * Real time, one Linux guest with a verifying file load. First the pauses: the driver swapped, its bundle updated, killed, hung, many times.
 * Then throughput with a kill every so many seconds, in turns with none. Fails when the guest sees an error or a wrong byte.
 */
@Component
@BenchName("driver")
public final class DriverBenchmark implements Benchmark {
	private static final String USAGE = "./xen bench driver [--kill-every S,S...] [--seconds N] [--rounds N] [--pauses N] [--fault KIND] [--json]";
	private static final int HANGS = 10;

	private final BundleContext context;
	private final Hypervisor hypervisor;
	private final DomainManager manager;
	private final BlockControl block;

	@Activate
	public DriverBenchmark(BundleContext context, @Reference Hypervisor hypervisor, @Reference DomainManager manager, @Reference BlockControl block) {
		this.context = context;
		this.hypervisor = hypervisor;
		this.manager = manager;
		this.block = block;
	}

	@Override
	public String summary() { return "the block driver killed, hung, swapped and updated under a Linux guest that checks its files"; }

	@Override
	public Figures run(List<String> args, CliIo io) throws Exception {
		Arguments a = new Arguments(USAGE, args, "--kill-every", "--seconds", "--rounds", "--pauses", "--fault");
		int seconds = a.number("--seconds", 20), rounds = a.number("--rounds", 2), pauses = a.number("--pauses", 100);
		DriverFault fault = Arrays.stream(DriverFault.values()).filter(f -> f.word().equals(a.list("--fault", "exception").getFirst())).findFirst().orElseThrow(a::wrong);
		int[] every = a.list("--kill-every", "1,4,25").stream().mapToInt(s -> seconds(s, a)).toArray();
		try (Scratch scratch = new Scratch()) {
			Path image = scratch.folder().resolve("root.img");
			DebianFiles files = DebianFiles.fetchRoot("cloud", image);
			hypervisor.powerOn(new MachineConfig(384L << 20, new Topology(1, 1, 1), TimeMode.REAL, null, "rr", MachineConfig.DEFAULT_HZ));
			try (DiskGuest guest = new DiskGuest(hypervisor, manager, files, image)) {
				Figures f = new Figures();
				pauses(f, guest, pauses, io);
				throughput(f, guest, every, seconds, rounds, fault, io);
				Map<String, String> d = block.driver();
				f.add("failures", number(d, "failures"), "").add("restarts", number(d, "restarts"), "").add("swaps", number(d, "swaps"), "");
				f.add("files_compared", guest.rounds(), "").add("files_wrong", guest.end(), "");
				if (f.get("files_wrong") > 0) throw new CommandFailure(CliCommand.FAILED, (long) f.get("files_wrong") + " files were wrong or not written");
				return f;
			} finally {
				hypervisor.powerOff();
			}
		}
	}

	private static int seconds(String s, Arguments a) {
		if (!s.matches("[1-9][0-9]{0,3}")) throw a.wrong();
		return Integer.parseInt(s);
	}

	private static double number(Map<String, String> m, String key) { return Double.parseDouble(m.get(key)); }

	// Pauses

	private void pauses(Figures f, DiskGuest guest, int count, CliIo io) throws InterruptedException {
		io.err().println(count + " swaps, updates and failures each, " + HANGS + " hangs");
		long[] swaps = new long[count], updates = new long[count], crashes = new long[count], hangs = new long[HANGS];
		Bundle b = Arrays.stream(context.getBundles()).filter(x -> "xen.drv.blk".equals(x.getSymbolicName())).findFirst()
				.orElseThrow(() -> new CommandFailure(CliCommand.FAILED, "xen.drv.blk is not installed in this distribution"));
		for (int i = 0; i < count; i++) {
			swaps[i] = pause(guest, "swap", block::restartDriver);
			updates[i] = pause(guest, "swap", () -> {
				try {
					b.update();
				} catch (BundleException e) {
					throw new CommandFailure(CliCommand.FAILED, "update of " + b.getSymbolicName() + ": " + e.getMessage());
				}
			});
			crashes[i] = pause(guest, "crash", () -> ((FaultInjection) block).injectFault(DriverFault.EXCEPTION));
			if (i < HANGS) hangs[i] = pause(guest, "crash", () -> ((FaultInjection) block).injectFault(DriverFault.HANG));
		}
		percentiles(f.group("pause_swap"), swaps);
		percentiles(f.group("pause_update"), updates);
		percentiles(f.group("pause_crash"), crashes);
		percentiles(f.group("pause_hang"), hangs);
	}

	/** Microseconds that guests had no driver for, from its own books. */
	private long pause(DiskGuest guest, String kind, Runnable act) throws InterruptedException {
		// failures that follow each other within a second are punished with a wait: that is not what is asked for here
		if (kind.equals("crash")) TimeUnit.MILLISECONDS.sleep(1010);
		double count = number(block.driver(), "pause." + kind + ".count"), total = number(block.driver(), "pause." + kind + ".total.us");
		act.run();
		guest.await("a new driver", () -> number(block.driver(), "pause." + kind + ".count") > count);
		return (long) (number(block.driver(), "pause." + kind + ".total.us") - total);
	}

	private static void percentiles(Figures f, long[] micros) {
		Arrays.sort(micros);
		f.add("count", micros.length, "").add("p50_us", micros[micros.length / 2], "us").add("p99_us", micros[(micros.length - 1) * 99 / 100], "us")
				.add("max_us", micros[micros.length - 1], "us");
	}

	// Throughput

	private void throughput(Figures f, DiskGuest guest, int[] every, int seconds, int rounds, DriverFault fault, CliIo io) throws InterruptedException {
		double[][] killed = new double[every.length][], calm = new double[every.length][];
		for (int i = 0; i < every.length; i++) {
			killed[i] = new double[4];
			calm[i] = new double[4];
			for (int r = 0; r < rounds; r++) {
				int length = Math.max(seconds, every[i] * 2);
				io.err().println("round " + (r + 1) + " of " + rounds + ": " + length + " s without, " + length + " s with a kill every " + every[i] + " s");
				phase(guest, length, 0, fault, calm[i]);
				phase(guest, length, every[i], fault, killed[i]);
			}
			double with = killed[i][0] / killed[i][1], without = calm[i][0] / calm[i][1];
			f.group("kill_every_" + every[i] + "_s").add("mb_per_s", with, "MB/s").add("mb_per_s_without", without, "MB/s").add("loss_percent", 100 * (1 - with / without), "%")
					.add("cpu_loss_percent", 100 * (1 - killed[i][0] / killed[i][3] / (calm[i][0] / calm[i][3])), "% of what a second of CPU time moves")
					.add("without_driver_percent", killed[i][2] / 1e4 / killed[i][1], "% of the time").add("kills", killed[i][1] / every[i], "");
		}
	}

	/** Adds megabytes moved and compared, seconds, microseconds without a driver, and CPU seconds of the process, which other load does not change. */
	private void phase(DiskGuest guest, int seconds, int every, DriverFault fault, double[] sums) throws InterruptedException {
		// from the end of a round to the end of a round
		int before = guest.rounds();
		guest.await("the end of a round", () -> guest.rounds() > before);
		int first = guest.rounds();
		double pause = number(block.driver(), "pause.crash.total.us");
		long from = System.nanoTime(), cpu = CpuClock.process(ProcessHandle.current().pid());
		for (long next = from + every * 500_000_000L; System.nanoTime() < from + seconds * 1_000_000_000L;) {
			if (every > 0 && System.nanoTime() >= next) {
				((FaultInjection) block).injectFault(fault);
				next += every * 1_000_000_000L;
			}
			TimeUnit.MILLISECONDS.sleep(20);
		}
		int last = guest.rounds();
		guest.await("the end of a round", () -> guest.rounds() > last);
		sums[0] += (guest.rounds() - first) * 2.0 * DiskGuest.MIB * 1.048576;
		sums[1] += (System.nanoTime() - from) / 1e9;
		sums[3] += (CpuClock.process(ProcessHandle.current().pid()) - cpu) / 1e9;
		sums[2] += number(block.driver(), "pause.crash.total.us") - pause;
	}
}
