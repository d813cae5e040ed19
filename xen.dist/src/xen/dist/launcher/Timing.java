package xen.dist.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/**
 * Where a start's time goes, on standard error when {@code XEN_TIMING} is set: since the process began, CPU time of the process, CPU time of the calling
 * thread. The tool stack goes on with a class of its own in the same form, since bundles see none of the launcher's.
 */
final class Timing {
	private static final boolean WANTED = System.getenv("XEN_TIMING") != null;

	private Timing() {}

	/** {@code what} has just been done. */
	static void mark(String what) {
		if (!WANTED) return;
		ProcessHandle.Info process = ProcessHandle.current().info();
		long wall = process.startInstant().map(s -> Duration.between(s, Instant.now()).toMillis()).orElse(0L);
		long cpu = process.totalCpuDuration().map(Duration::toMillis).orElse(0L);
		System.err.println(String.format(Locale.ROOT, "xen: %6d ms, CPU %6d ms, this thread %6.1f ms: %s", wall, cpu, threadNanos() / 1e6, what));
	}

	private static long threadNanos() {
		try {
			return Long.parseLong(Files.readString(Path.of("/proc/thread-self/schedstat")).split(" ")[0]);
		} catch (IOException | NumberFormatException e) {
			return 0;
		}
	}
}
