package xen.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The JDK's ahead-of-time cache of a staged distribution: classes of framework, launcher and JDK, loaded and linked in
 * a training run. An optional second step: without it the product starts slower and is otherwise the same.
 */
final class AotCache {
	private AotCache() {}

	static void make(Path root, Path stage) throws IOException, InterruptedException {
		Path cache = stage.resolve("aot");
		Path next = stage.resolve("aot.next");
		Path report = stage.resolve("aot.report");
		List<String> command = List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "@" + root.resolve("xen.dist/jvm.options"),
				"-XX:AOTCacheOutput=" + next, "-Xlog:aot=off", "-Xlog:cds=off", "-Dxen.distribution=" + stage.resolve("distribution.properties"),
				"-Dxen.launcher.report=" + report, "-cp", stage.resolve("runtime.jar").toString(), "xen.dist.launcher.Main");
		Files.deleteIfExists(cache);
		int status = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD).start().waitFor();
		Files.deleteIfExists(report);
		if (status == 0 && Files.isRegularFile(next)) Files.move(next, cache);
		else System.err.println("xen: no AOT cache for " + stage.getFileName() + " (status " + status + "): it starts slower");
	}
}
