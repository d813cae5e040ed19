package xen.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The JDK's ahead-of-time cache of a staged distribution: classes of the JDK, the framework and the bundles, loaded and
 * linked in a training run. An optional second step: without it the product starts slower and is otherwise the same. A
 * bundle that changed since is loaded from its jar, as the JVM compares the bytes.
 */
final class AotCache {
	private static final List<String> HELP = List.of("boot", "--help"), BOOT = List.of("debian", "--time", "virtual", "--timeout", "120", "-c", "true");

	private final Path root;
	private final Path stage;

	AotCache(Path root, Path stage) {
		this.root = root;
		this.stage = stage;
	}

	/** The JVM refuses a cache whose class path changed, so that one is worth nothing. */
	void makeIfUseless(boolean runtimeChanged) throws IOException, InterruptedException {
		if (runtimeChanged || !Files.isRegularFile(cache())) make();
	}

	/** Trains anew when a bundle changed; with a boot of Debian where the distribution has that command and the files can be had. */
	void refresh(List<Path> bundles, boolean boot) throws IOException, InterruptedException {
		Fingerprint f = new Fingerprint().content(stage.resolve("runtime.jar"));
		for (Path b : bundles) f.content(b);
		String inputs = f.hex();
		Path stamp = stage.resolve("aot.stamp");
		boolean fresh = Fingerprint.matches(stamp, inputs) && Files.isRegularFile(cache());
		boolean booted = boot && Files.readAllLines(stage.resolve("members")).contains("xen.toolstack") && make(BOOT) == 0;
		if (fresh || booted) {
			Files.writeString(stamp, inputs);
			return;
		}
		make();
		Files.writeString(stamp, inputs);
	}

	private Path cache() {
		return stage.resolve("aot");
	}

	/** Starts everything and parses a command line; a distribution without commands just starts. */
	private void make() throws IOException, InterruptedException {
		int status = make(HELP);
		if (!Files.isRegularFile(cache())) System.err.println("xen: no AOT cache for " + stage.getFileName() + " (status " + status + "): it starts slower");
	}

	/** One training run; the cache is left as it was when the run fails. */
	private int make(List<String> arguments) throws IOException, InterruptedException {
		Path next = stage.resolve("aot.next");
		Path report = stage.resolve("aot.report");
		List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "@" + root.resolve("xen.dist/jvm.options"),
				"-XX:AOTCacheOutput=" + next, "-Xlog:aot=off", "-Xlog:cds=off", "-Dxen.workspace=" + root,
				"-Dxen.distribution=" + stage.resolve("distribution.properties"), "-Dxen.launcher.report=" + report, "-cp",
				stage.resolve("runtime.jar").toString(), "xen.dist.launcher.Main"));
		command.addAll(arguments);
		int status = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD).start().waitFor();
		Files.deleteIfExists(report);
		if (arguments == BOOT && status != 0) {
			Files.deleteIfExists(next);
			System.err.println("xen: the training boot ended with status " + status + " (./xen debian shows why): " + stage.getFileName() + " is trained without it");
			return status;
		}
		Files.deleteIfExists(cache());
		if (Files.isRegularFile(next)) Files.move(next, cache());
		return status;
	}
}
