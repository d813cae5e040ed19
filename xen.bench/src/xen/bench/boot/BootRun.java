package xen.bench.boot;

import java.io.IOException;
import java.util.List;
import xen.bench.process.DebianFiles;
import xen.bench.process.Program;

/** One boot: process start to the marker. */
record BootRun(double wallSeconds, double cpuSeconds, double peakMiB) {
	static BootRun of(List<String> command) throws IOException, InterruptedException {
		long begin = System.nanoTime();
		try (Program p = new Program(command, ProcessBuilder.Redirect.DISCARD)) {
			for (String line; (line = p.receive()) != null;) {
				if (line.contains(DebianFiles.MARKER)) return new BootRun((System.nanoTime() - begin) / 1e9, p.cpuNanos() / 1e9, p.peakKiB() / 1024.0);
			}
			throw new IOException("ended with status " + p.await() + " before '" + DebianFiles.MARKER + "': " + String.join(" ", command));
		}
	}
}
