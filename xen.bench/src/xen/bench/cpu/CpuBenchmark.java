package xen.bench.cpu;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.bench.Arguments;
import xen.bench.BenchName;
import xen.bench.Benchmark;
import xen.bench.Figures;
import xen.bench.Scratch;
import xen.bench.Statistics;
import xen.bench.process.Program;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.hw.Machine;

/**
 * Each kernel in each engine, in QEMU's system emulation (TCG) when it is installed, and on the host itself: interleaved rounds, medians
 * of CPU time. The first execution of each is compared with Java's result, then our engines warm up for a second; neither is timed.
 */
@Component
@BenchName("cpu")
public final class CpuBenchmark implements Benchmark {
	/** The fast ones get more to do, for times well above the clock's noise. */
	private static final int FAST = 4;

	private final Machine machine;

	@Activate
	public CpuBenchmark(@Reference Machine machine) { this.machine = machine; }

	@Override
	public String summary() { return "speed of each CPU engine on our own kernels, beside QEMU's TCG and the host"; }

	@Override
	public Figures run(List<String> args, CliIo io) throws IOException, InterruptedException {
		Arguments a = new Arguments("./xen bench cpu [--engine NAME[,NAME...]] [--kernel NAME[,NAME...]] [--rounds N] [--json]", args, "--engine", "--kernel", "--rounds");
		List<String> kernels = a.list("--kernel", Arrays.stream(Kernel.values()).map(Kernel::title).collect(Collectors.joining(",")));
		List<Kernel> chosen = new ArrayList<>();
		for (Kernel k : Kernel.values()) if (kernels.contains(k.title())) chosen.add(k);
		if (chosen.size() != kernels.size()) throw a.wrong();
		try (Scratch scratch = new Scratch()) {
			return measure(GuestImage.build(scratch.folder()), a.list("--engine", "interp,native"), chosen, a.number("--rounds", 3), io);
		}
	}

	private Figures measure(GuestImage image, List<String> engines, List<Kernel> kernels, int rounds, CliIo io) throws IOException, InterruptedException {
		List<Runner> runners = new ArrayList<>();
		try {
			for (String e : engines) runners.add(engine(e, image.image()));
			boolean qemu = Program.find("qemu-system-x86_64") != null;
			if (qemu) runners.add(ProgramRunner.qemu(image.image()));
			else io.err().println("no qemu-system-x86_64 here: no ratios (Debian: apt-get install qemu-system-x86)");
			runners.add(ProgramRunner.host(image.program()));
			Map<Kernel, Map<String, Measured>> results = new EnumMap<>(Kernel.class);
			for (Kernel k : kernels) {
				io.err().println("kernel " + k.title());
				results.put(k, new KernelRounds(k, runners, FAST).measure(rounds));
			}
			return figures(runners, results);
		} finally {
			runners.forEach(Runner::close);
		}
	}

	private Runner engine(String name, Path image) throws IOException {
		try {
			return new EngineRunner(machine, name, image);
		} catch (IllegalArgumentException e) {
			throw new CommandFailure(CliCommand.USAGE, e.getMessage());
		}
	}

	/** Of one kernel in one runner: million instructions a second, and QEMU's time over its (NaN without QEMU). */
	record Measured(double mips, double ratio) {}

	private static Figures figures(List<Runner> runners, Map<Kernel, Map<String, Measured>> results) {
		Figures figures = new Figures();
		for (Runner r : runners) {
			Figures mine = figures.group(r.name());
			results.forEach((k, all) -> row(mine.group(k.title()), List.of(all.get(r.name()))));
			row(mine.group("geomean_hot"), results.entrySet().stream().filter(e -> e.getKey().hot()).map(e -> e.getValue().get(r.name())).toList());
		}
		return figures;
	}

	private static void row(Figures row, List<Measured> of) {
		if (of.isEmpty()) return;
		row.add("mips", Statistics.geometricMean(of.stream().mapToDouble(Measured::mips)), "MIPS");
		double ratio = Statistics.geometricMean(of.stream().mapToDouble(Measured::ratio));
		if (!Double.isNaN(ratio)) row.add("ratio", ratio, "x TCG");
	}
}
