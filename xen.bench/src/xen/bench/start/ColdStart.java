package xen.bench.start;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;

/** One start of one distribution, as {@code ./xen} does it; the launcher reports when it is ready and stops. */
final class ColdStart {
	record Result(double millis, long peakKiB, long cpuMillis) {}

	private final List<String> command;
	private final Path report;

	ColdStart(Path root, Path stage, boolean aot) throws IOException {
		report = Files.createTempFile("xen-start", ".txt");
		report.toFile().deleteOnExit();
		command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "@" + root.resolve("xen.dist/jvm.options")));
		if (aot) command.addAll(List.of("-XX:AOTCache=" + stage.resolve("aot"), "-Xlog:aot=off", "-Xlog:cds=off"));
		command.addAll(List.of("-Dxen.distribution=" + stage.resolve("distribution.properties"), "-Dxen.launcher.report=" + report, "-cp",
				stage.resolve("runtime.jar").toString(), "xen.dist.launcher.Main"));
	}

	Result run() throws IOException, InterruptedException {
		Instant begin = Instant.now();
		Process process = new ProcessBuilder(command).inheritIO().redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile())).start();
		int status = process.waitFor();
		if (status != 0) throw new CommandFailure(CliCommand.FAILED, "a distribution did not start: status " + status);
		String[] part = Files.readString(report).strip().split(" ");
		return new Result(Duration.between(begin, Instant.parse(part[0])).toNanos() / 1e6, Long.parseLong(part[1]), Long.parseLong(part[2]));
	}
}
