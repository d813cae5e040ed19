package xen.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A temporary folder that goes when it is closed. */
public final class Scratch implements AutoCloseable {
	private final Path folder;

	public Scratch() throws IOException { folder = Files.createTempDirectory("xen-bench-"); }

	public Path folder() { return folder; }

	@Override
	public void close() throws IOException {
		try (Stream<Path> walk = Files.walk(folder)) {
			for (Path p : walk.sorted(Comparator.reverseOrder()).toList()) Files.delete(p);
		}
	}
}
