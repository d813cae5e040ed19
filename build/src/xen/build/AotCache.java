package xen.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The JDK's ahead-of-time cache of a staged distribution: classes of the JDK, the framework and the bundles, loaded and
 * linked in a training run, and which methods a start needs compiled. An optional second step: without it the product starts
 * slower and is otherwise the same. A bundle that changed since is loaded from its jar, as the JVM compares the bytes.
 *
 * <p>Trained with a boot of Debian to its first line when the kernel is in the user's cache (nothing is fetched), else with a start and a parsed
 * command line; {@code aot.start} beside the cache says that it was the latter, and {@code ./xen} trains again when there is a kernel.
 */
final class AotCache {
	private static final List<String> START = List.of("boot", "--help"),
			BOOT = List.of("debian", "--offline", "--time", "virtual", "--timeout", "120", "--until", "Linux version");
	/**
	 * Methods that a training run compiled with C1 at its simplest are compiled so from the first call on, and stay so: half the compiler's
	 * time of a start that is trained with profiles. Nothing for methods that run as long as guests do; those the training must not compile.
	 */
	private static final List<String> SIMPLE = List.of("-XX:TieredStopAtLevel=1"), HOT = List.of("xen.kernel", "xen.hw.x86smp", "xen.hw.disk", "xen.cpu", "xen.sched", "xen.disk",
			"xen.drv", "xen.toolstack.console", "xen.toolstack.store", "xen.bench");

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
		Fingerprint f = new Fingerprint().content(stage.resolve("runtime.jar")).content(root.resolve("xen.dist/jvm.options"));
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

	/** A distribution without commands just starts, whatever its arguments. */
	void make() throws IOException, InterruptedException {
		boolean boots = Files.readAllLines(stage.resolve("members")).contains("xen.toolstack");
		boolean booted = boots && train(BOOT);
		if (!booted && !train(START)) System.err.println("xen: no AOT cache for " + stage.getFileName() + ": it starts slower");
		Path note = stage.resolve("aot.start");
		if (boots && !booted) Files.writeString(note, "trained without a boot\n");
		else Files.deleteIfExists(note);
	}

	/** One training run; the cache is left as it was when the run fails. */
	private boolean train(List<String> arguments) throws IOException, InterruptedException {
		Path next = stage.resolve("aot.next");
		Path report = stage.resolve("aot.report");
		List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "@" + root.resolve("xen.dist/jvm.options")));
		command.addAll(SIMPLE);
		for (String p : HOT) command.add("-XX:CompileCommand=exclude," + p + ".*::*");
		command.addAll(List.of("-XX:AOTCacheOutput=" + next, "-Xlog:aot=off", "-Xlog:cds=off", "-Dxen.workspace=" + root,
				"-Dxen.distribution=" + stage.resolve("distribution.properties"), "-Dxen.launcher.report=" + report, "-cp",
				stage.resolve("runtime.jar").toString(), "xen.dist.launcher.Main"));
		command.addAll(arguments);
		int status = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD).start().waitFor();
		Files.deleteIfExists(report);
		if (status != 0 || !Files.isRegularFile(next)) {
			Files.deleteIfExists(next);
			return false;
		}
		Files.move(next, cache(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
		return true;
	}
}
