package xen.bench.cpu;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import xen.bench.Statistics;

/** One kernel's interleaved rounds over all runners. */
final class KernelRounds {
	/** Each of our engines runs a kernel for so long before it is timed: the JVM compiles on threads of its own, and the figures are those of the steady state. */
	private static final long WARM_NANOS = 1_000_000_000L;

	private final Kernel kernel;
	private final List<Runner> runners;
	private final int fast;

	/** @param fast how many times as much the fast runners get to do as the interpreter */
	KernelRounds(Kernel kernel, List<Runner> runners, int fast) {
		this.kernel = kernel;
		this.runners = runners;
		this.fast = fast;
	}

	/** @return by runner's name */
	Map<String, CpuBenchmark.Measured> measure(int rounds) throws IOException, InterruptedException {
		long instructions = check();
		warm();
		Map<String, List<Double>> perRound = new HashMap<>();
		Map<String, List<Double>> ratios = new HashMap<>();
		for (int i = 0; i < rounds; i++) {
			Map<String, Double> nanos = new LinkedHashMap<>();
			for (Runner r : runners) {
				long n = kernel.rounds * (slow(r) ? 1 : fast);
				nanos.put(r.name(), (double) r.run(kernel, n).nanos() / n);
			}
			double qemu = nanos.getOrDefault("qemu", Double.NaN);
			nanos.forEach((name, ns) -> {
				perRound.computeIfAbsent(name, x -> new ArrayList<>()).add(ns);
				ratios.computeIfAbsent(name, x -> new ArrayList<>()).add(qemu / ns);
			});
		}
		Map<String, CpuBenchmark.Measured> result = new HashMap<>();
		perRound.forEach((name, ns) -> result.put(name, new CpuBenchmark.Measured((double) instructions / kernel.rounds * 1e3 / Statistics.median(ns),
				Statistics.median(ratios.get(name)))));
		return result;
	}

	private void warm() throws IOException, InterruptedException {
		for (Runner r : runners) {
			for (long nanos = 0; r instanceof EngineRunner && nanos < WARM_NANOS; ) {
				nanos += Math.max(1, r.run(kernel, kernel.rounds * (slow(r) ? 1 : fast)).nanos());
			}
		}
	}

	private static boolean slow(Runner r) { return r.name().equals("interp"); }

	/** Runs everything once: results must be Java's, instruction counts the same in all engines. @return instructions of {@code kernel.rounds} */
	private long check() throws IOException, InterruptedException {
		long expected = kernel.expected(kernel.rounds), instructions = 0;
		for (Runner r : runners) {
			Runner.Run run = r.run(kernel, kernel.rounds);
			if (run.result() != expected) {
				throw new IOException("kernel %s in %s: result %x, Java's is %x".formatted(kernel.title(), r.name(), run.result(), expected));
			}
			if (run.instructions() != 0 && instructions != 0 && run.instructions() != instructions) {
				throw new IOException("kernel %s in %s: %d instructions, %d in another engine".formatted(kernel.title(), r.name(), run.instructions(), instructions));
			}
			instructions = Math.max(instructions, run.instructions());
		}
		return instructions;
	}
}
