package xen.dist.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * What {@code -Dxen.launcher.report=FILE} asks for: when all services were active, the peak memory until then in KiB,
 * and the CPU time in milliseconds. Without arguments the launcher then stops.
 */
final class ReadyReport {
	private ReadyReport() {}

	static boolean wanted() { return System.getProperty("xen.launcher.report") != null; }

	/** Returns whether a report was wanted and written. */
	static boolean write() throws IOException {
		String file = System.getProperty("xen.launcher.report");
		if (file == null) return false;
		Files.writeString(Path.of(file), Instant.now() + " " + peakKiB() + " " + cpuMillis() + "\n");
		return true;
	}

	private static long cpuMillis() {
		return ProcessHandle.current().info().totalCpuDuration().map(Duration::toMillis).orElse(0L);
	}

	private static long peakKiB() throws IOException {
		Path status = Path.of("/proc/self/status");
		if (!Files.isReadable(status)) return Runtime.getRuntime().totalMemory() / 1024;
		return Files.readAllLines(status).stream().filter(l -> l.startsWith("VmHWM:")).map(l -> l.replaceAll("\\D", "")).mapToLong(Long::parseLong).findFirst().orElse(0);
	}
}
