package xen.itest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The product as a process of its own, as {@code ./xen} starts it: the same flags, the same bundles, statuses and streams as a user has them. */
final class Xen {
	/** What a run left behind; {@code out} without carriage returns. */
	record Outcome(int status, String out, String err) {
		@Override public String toString() {
			return "status " + status + "\n--- standard output, last lines\n" + tail(out) + "\n--- standard error\n" + tail(err);
		}

		private static String tail(String s) {
			List<String> lines = s.lines().toList();
			return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
		}
	}

	private static final long LIMIT_SECONDS = 300;

	private Xen() {}

	/** Runs to the end with nothing on standard input. */
	static Outcome run(String... args) {
		return finish(start(args));
	}

	/** A process that was started, and where its output goes. */
	record Running(Process process, Path out, Path err) {}

	/** Starts without waiting; the caller writes to standard input and ends with {@link #finish}. */
	static Running start(String... args) {
		return start(Map.of(), args);
	}

	/** The same with more in the environment. */
	static Running start(Map<String, String> environment, String... args) {
		try {
			Path out = Files.createTempFile("xen-itest", ".out");
			Path err = Files.createTempFile("xen-itest", ".err");
			ProcessBuilder builder = new ProcessBuilder(command(args)).redirectOutput(out.toFile()).redirectError(err.toFile());
			builder.environment().putAll(environment);
			return new Running(builder.start(), out, err);
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}

	static Outcome finish(Running r) {
		try {
			r.process.getOutputStream().close();
			if (!r.process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) r.process.destroyForcibly();
			return new Outcome(r.process.waitFor(), text(r.out), text(r.err));
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		} catch (InterruptedException e) {
			r.process.destroyForcibly();
			throw new IllegalStateException("interrupted", e);
		} finally {
			r.out.toFile().delete();
			r.err.toFile().delete();
		}
	}

	/** What it has printed so far. */
	static String text(Path file) throws IOException {
		return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).replace("\r", "");
	}

	static Path workspace() {
		return Path.of(System.getProperty("xen.workspace"));
	}

	private static List<String> command(String... args) throws IOException {
		Path distribution = Path.of(System.getProperty("xen.test.distribution"));
		Path runtime = distribution.resolveSibling("runtime.jar"), aot = distribution.resolveSibling("aot");
		List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "@" + workspace().resolve("xen.dist/jvm.options")));
		if (Files.exists(aot) && Files.getLastModifiedTime(aot).compareTo(Files.getLastModifiedTime(runtime)) >= 0)
			command.addAll(List.of("-XX:AOTCache=" + aot, "-Xlog:aot=off", "-Xlog:cds=off"));
		command.addAll(List.of("-Dxen.workspace=" + workspace(), "-Dxen.distribution=" + distribution, "-cp", runtime.toString(), "xen.dist.launcher.Main"));
		command.addAll(List.of(args));
		return command;
	}
}
