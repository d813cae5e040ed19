package xen.dist.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Starts the distribution named by {@code -Dxen.distribution=FILE}, else the one nested in this jar; exits with its status. */
public final class Main {
	private Main() {}

	public static void main(String[] args) throws Exception {
		Timing.mark("JVM started");
		Path cache = Files.createTempDirectory("xen-felix-");
		Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(cache), "xen-cache-cleaner"));
		int status;
		try {
			status = new FrameworkRun(Distribution.load(), cache, args).run();
		} catch (LaunchException e) {
			System.err.println("xen: " + e.getMessage());
			status = 1;
		}
		System.out.flush();
		System.exit(status);
	}

	private static void delete(Path top) {
		try (Stream<Path> walk = Files.walk(top)) {
			walk.sorted(Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
		} catch (IOException e) {
			System.err.println("xen: temporary folder " + top + " is left behind: " + e);
		}
	}
}
