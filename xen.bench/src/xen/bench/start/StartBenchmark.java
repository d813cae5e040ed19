package xen.bench.start;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Component;
import xen.bench.BenchName;
import xen.bench.Benchmark;
import xen.bench.Figures;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CommandFailure;

/**
 * Starts each built distribution a few times in a process of its own and reports the best and the median: with the AOT
 * cache when there is one, and without.
 */
@Component
@BenchName("start")
public final class StartBenchmark implements Benchmark {
	private static final int RUNS = 5;

	@Override
	public String summary() {
		return "time and memory from process start to services active, of each distribution";
	}

	@Override
	public Figures run(List<String> args, CliIo io) throws IOException, InterruptedException {
		String root = System.getProperty("xen.workspace");
		if (root == null) throw new CommandFailure(CliCommand.FAILED, "the start of distributions is measured where they are built: ./xen bench start");
		Figures figures = new Figures();
		for (Path stage : stages(Path.of(root, "build/target/dist"))) {
			String name = stage.getFileName().toString();
			io.err().println("starting " + name + " " + RUNS + " times");
			if (Files.isRegularFile(stage.resolve("aot"))) measure(figures, name, new ColdStart(Path.of(root), stage, true));
			measure(figures, name + "_without_aot", new ColdStart(Path.of(root), stage, false));
		}
		return figures;
	}

	private static void measure(Figures figures, String name, ColdStart start) throws IOException, InterruptedException {
		List<ColdStart.Result> results = new ArrayList<>();
		for (int i = 0; i < RUNS; i++) results.add(start.run());
		results.sort(Comparator.comparingDouble(ColdStart.Result::millis));
		figures.add(name + "_start_best_ms", results.getFirst().millis(), "ms");
		figures.add(name + "_start_median_ms", results.get(RUNS / 2).millis(), "ms");
		figures.add(name + "_start_cpu_ms", results.get(RUNS / 2).cpuMillis(), "ms");
		figures.add(name + "_peak_rss_mb", results.get(RUNS / 2).peakKiB() / 1024.0, "MiB");
	}

	private static List<Path> stages(Path dist) throws IOException {
		try (Stream<Path> all = Files.list(dist)) {
			return all.filter(d -> Files.isRegularFile(d.resolve("distribution.properties"))).sorted().toList();
		}
	}
}
