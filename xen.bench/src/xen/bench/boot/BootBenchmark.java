package xen.bench.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Component;
import xen.bench.Arguments;
import xen.bench.BenchName;
import xen.bench.Benchmark;
import xen.bench.Figures;
import xen.bench.Scratch;
import xen.bench.Statistics;
import xen.bench.process.DebianFiles;
import xen.bench.process.Program;
import xen.kernel.api.cli.CliIo;

/** Boots Debian's kernels to the first line of user space with each engine, and bare in QEMU's TCG when it is installed; interleaved rounds, medians. */
@Component
@BenchName("boot")
public final class BootBenchmark implements Benchmark {
	private static final double GUEST_MIB = 256;

	@Override
	public String summary() { return "process start to user space of Debian's kernels, beside bare Linux in QEMU's TCG"; }

	@Override
	public Figures run(List<String> args, CliIo io) throws IOException, InterruptedException {
		Arguments a = new Arguments("./xen bench boot [--kernel cloud|generic|backports[,...]] [--engine NAME[,NAME...]] [--rounds N] [--json]", args, "--kernel", "--engine", "--rounds");
		Figures figures = new Figures();
		try (Scratch scratch = new Scratch()) {
			for (String kernel : a.list("--kernel", "cloud")) {
				kernel(DebianFiles.fetch(kernel), a.list("--engine", "native,interp"), a.number("--rounds", 3), scratch.folder(), figures.group(kernel), io);
			}
		}
		return figures;
	}

	private static void kernel(DebianFiles files, List<String> engines, int rounds, Path folder, Figures figures, CliIo io) throws IOException, InterruptedException {
		Map<String, List<String>> commands = new LinkedHashMap<>();
		for (String e : engines) commands.put(e, files.xen(e));
		if (files.qemu() != null) commands.put("qemu", files.qemu());
		else io.err().println("no qemu-system-x86_64 here: no ratios (Debian: apt-get install qemu-system-x86)");
		Map<String, List<BootRun>> runs = new LinkedHashMap<>();
		for (int i = 0; i < rounds; i++) {
			for (var c : commands.entrySet()) {
				io.err().println("boot " + files.kernel().getParent().getFileName() + " with " + c.getKey());
				runs.computeIfAbsent(c.getKey(), x -> new ArrayList<>()).add(BootRun.of(c.getValue()));
			}
		}
		for (String name : commands.keySet()) {
			Figures row = figures.group(name);
			double cpu = median(runs.get(name), BootRun::cpuSeconds);
			row.add("wall_s", median(runs.get(name), BootRun::wallSeconds), "s").add("cpu_s", cpu, "s");
			row.add("rss_beyond_guest_mib", median(runs.get(name), BootRun::peakMiB) - GUEST_MIB, "MiB");
			if (!name.equals("qemu")) {
				long instructions = instructions(files, name, folder);
				row.add("instructions", instructions, "").add("mips", instructions / 1e6 / median(runs.get(name), BootRun::wallSeconds), "MIPS");
			}
			if (runs.containsKey("qemu")) row.add("ratio", ratio(runs.get("qemu"), runs.get(name)), "x TCG");
		}
	}

	/** QEMU's CPU time over ours, round by round. */
	private static double ratio(List<BootRun> qemu, List<BootRun> ours) {
		List<Double> ratios = new ArrayList<>();
		for (int i = 0; i < ours.size(); i++) ratios.add(qemu.get(i).cpuSeconds() / ours.get(i).cpuSeconds());
		return Statistics.median(ratios);
	}

	private static double median(List<BootRun> runs, ToDoubleFunction<BootRun> figure) {
		return Statistics.median(runs.stream().map(figure::applyAsDouble).toList());
	}

	/** One more boot, that ends at the marker by itself and says what it executed. */
	private static long instructions(DebianFiles files, String engine, Path folder) throws IOException, InterruptedException {
		Path stats = folder.resolve("stats.json");
		try (Program p = new Program(files.xen(engine, "--until", DebianFiles.MARKER, "--stats", stats.toString()), ProcessBuilder.Redirect.INHERIT)) {
			while (p.receive() != null) ;
			p.await();
		}
		Matcher m = Pattern.compile("\"instructions\": (\\d+)").matcher(Files.readString(stats));
		return m.find() ? Long.parseLong(m.group(1)) : 0;
	}
}
