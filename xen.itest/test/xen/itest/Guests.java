package xen.itest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The small guests of the folder {@code guests}, built with the host's gcc and make; a test that needs one is skipped where they are not there. */
final class Guests {
	private static final Path OUT = Xen.workspace().resolve("build/target/guests");

	private Guests() {}

	/** The built image, or the test is skipped. */
	static Path image(String name) {
		missing().ifPresent(why -> Assumptions.abort("guests/" + name + ".c: " + why));
		return built(name);
	}

	/** A Linux program of {@code guests/linux}, built if it is older than its source. */
	static Path program(String name) {
		make("programs");
		return OUT.resolve("linux").resolve(name);
	}

	/** The image, built if it is older than its sources. */
	static Path built(String name) {
		make("all");
		return OUT.resolve(name + ".elf");
	}

	private static void make(String target) {
		try {
			Files.createDirectories(OUT);
			Path log = OUT.resolve("make.log");
			int status = new ProcessBuilder("make", "-s", "-C", Xen.workspace().resolve("guests").toString(), "OUT=" + OUT, target).redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
			if (status != 0) throw new AssertionError("guests do not build:\n" + Files.readString(log));
		} catch (IOException e) {
			throw new AssertionError("guests do not build", e);
		} catch (InterruptedException e) {
			throw new IllegalStateException("interrupted", e);
		}
	}

	/** Why guests cannot be built here; empty when they can. */
	static Optional<String> missing() {
		if (!System.getProperty("os.arch").equals("amd64")) return Optional.of("the host is not x86-64");
		return Stream.of("gcc", "make").filter(p -> !onPath(p)).findFirst().map(p -> "no " + p + " on the PATH");
	}

	private static boolean onPath(String program) {
		return Stream.of(System.getenv().getOrDefault("PATH", "").split(":")).anyMatch(d -> Files.isExecutable(Path.of(d, program)));
	}
}
