package xen.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The JDK's ahead-of-time cache of a staged distribution: classes of the JDK, the framework and the bundles, loaded and
 * linked in a training run. An optional second step: without it the product starts slower and is otherwise the same. A
 * bundle that changed since is loaded from its jar, as the JVM compares the bytes.
 */
final class AotCache {
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

	/** Trains anew when a bundle changed. */
	void refresh(List<Path> bundles) throws IOException, InterruptedException {
		Fingerprint f = new Fingerprint().content(stage.resolve("runtime.jar"));
		for (Path b : bundles) f.content(b);
		String inputs = f.hex();
		Path stamp = stage.resolve("aot.stamp");
		if (Fingerprint.matches(stamp, inputs) && Files.isRegularFile(cache())) return;
		make();
		Files.writeString(stamp, inputs);
	}

	private Path cache() {
		return stage.resolve("aot");
	}

	/** The training run starts everything and parses a command line; a distribution without commands just starts. */
	private void make() throws IOException, InterruptedException {
		Path next = stage.resolve("aot.next");
		Path report = stage.resolve("aot.report");
		List<String> command = List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "@" + root.resolve("xen.dist/jvm.options"),
				"-XX:AOTCacheOutput=" + next, "-Xlog:aot=off", "-Xlog:cds=off", "-Dxen.workspace=" + root,
				"-Dxen.distribution=" + stage.resolve("distribution.properties"), "-Dxen.launcher.report=" + report, "-cp",
				stage.resolve("runtime.jar").toString(), "xen.dist.launcher.Main", "boot", "--help");
		int status = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD).start().waitFor();
		Files.deleteIfExists(report);
		Files.deleteIfExists(cache());
		if (Files.isRegularFile(next)) Files.move(next, cache());
		else System.err.println("xen: no AOT cache for " + stage.getFileName() + " (status " + status + "): it starts slower");
	}
}
