package xen.bench.linux;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import xen.bench.Arguments;
import xen.bench.BenchName;
import xen.bench.Benchmark;
import xen.bench.Figures;
import xen.bench.Scratch;
import xen.bench.Statistics;
import xen.bench.process.DebianFiles;
import xen.kernel.api.cli.CliIo;

/**
 * What a second pCPU is worth in real time: one process with an integer loop, then two side by side, in a Debian guest of two vCPUs on two
 * pCPUs, each a thread of its own. {@code ratio} is twice the time of one over the time of two: 2 at best, 1 when they take turns.
 */
@Component
@BenchName("smp")
public final class SmpBenchmark implements Benchmark {
	@Override
	public String summary() { return "two pCPUs in real time against one, on a parallel integer load inside a Debian guest"; }

	@Override
	public Figures run(List<String> args, CliIo io) throws IOException, InterruptedException {
		Arguments a = new Arguments("./xen bench smp [--engine NAME] [--rounds N] [--json]", args, "--engine", "--rounds");
		int rounds = a.number("--rounds", 3);
		if (Runtime.getRuntime().availableProcessors() < 2) io.err().println("this host has one CPU: two pCPUs can only take turns");
		String engine = a.list("--engine", "native").getFirst();
		try (Scratch scratch = new Scratch()) {
			DebianFiles files = LinuxBenchmark.withInit(scratch.folder());
			try (LinuxGuest guest = new LinuxGuest(engine, files.xen(engine, "--vcpus", "2", "--topology", "1x2x1", "--time", "real"))) {
				return measure(guest, rounds, io);
			}
		}
	}

	private static Figures measure(LinuxGuest guest, int rounds, CliIo io) throws IOException, InterruptedException {
		List<Double> wall = new ArrayList<>(), cpu = new ArrayList<>(), one = new ArrayList<>(), two = new ArrayList<>();
		guest.run("integers");
		for (int i = 0; i < rounds; i++) {
			io.err().println("round " + (i + 1));
			LinuxGuest.Took single = guest.run("long-integer"), both = guest.run("integers");
			one.add(single.wallSeconds());
			two.add(both.wallSeconds());
			wall.add(2 * single.wallSeconds() / both.wallSeconds());
			cpu.add(2 * single.cpuSeconds() / both.cpuSeconds());
		}
		return new Figures().add("one_wall_s", Statistics.median(one), "s").add("two_wall_s", Statistics.median(two), "s")
				.add("ratio", Statistics.median(wall), "x one pCPU").add("cpu_time_ratio", Statistics.median(cpu), "CPU time of one, twice, over that of two");
	}
}
