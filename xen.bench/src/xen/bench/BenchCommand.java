package xen.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CliName;

/** {@code ./xen bench NAME [--json]}. */
@Component
@CliName("bench")
public final class BenchCommand implements CliCommand {
	private final Map<String, Benchmark> benchmarks = new ConcurrentHashMap<>();

	@Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
	void addBenchmark(Benchmark benchmark, Map<String, Object> properties) {
		benchmarks.put(String.valueOf(properties.get("bench.name")), benchmark);
	}

	void removeBenchmark(Benchmark benchmark) {
		benchmarks.values().remove(benchmark);
	}

	@Override
	public String summary() {
		return "measures: " + String.join(", ", new TreeMap<>(benchmarks).keySet());
	}

	@Override
	public int run(List<String> args, CliIo io) throws Exception {
		List<String> rest = new ArrayList<>(args);
		boolean json = rest.remove("--json");
		if (rest.equals(List.of("--help")) || rest.equals(List.of("-h"))) {
			io.out().print(help());
			return OK;
		}
		Benchmark benchmark = rest.isEmpty() ? null : benchmarks.get(rest.getFirst());
		if (benchmark == null) {
			io.err().print((rest.isEmpty() ? "" : "no benchmark '" + rest.getFirst() + "'\n") + help());
			return USAGE;
		}
		Figures figures = benchmark.run(rest.subList(1, rest.size()), io);
		if (json) io.out().println(figures.json());
		else io.out().print(figures.text());
		return OK;
	}

	private String help() {
		SortedMap<String, Benchmark> sorted = new TreeMap<>(benchmarks);
		StringBuilder b = new StringBuilder("usage: ./xen bench NAME [--json] [ARGUMENT...]\n");
		sorted.forEach((name, benchmark) -> b.append("  %-10s %s%n".formatted(name, benchmark.summary())));
		return b.toString();
	}
}
