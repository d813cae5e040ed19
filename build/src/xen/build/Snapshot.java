package xen.build;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Copies of class folders, so that tests go on undisturbed when the next build of the same tree empties the originals. */
final class Snapshot implements AutoCloseable {
	private final Path top;
	private final Map<Path, Path> copies = new HashMap<>();

	Snapshot() throws IOException {
		top = Files.createTempDirectory("xen-test-");
	}

	/** The copy of a folder; a jar stands for itself. */
	Path of(Path original) throws IOException {
		if (!Files.isDirectory(original)) return original;
		Path copy = copies.get(original);
		if (copy == null) {
			copy = top.resolve(Integer.toString(copies.size()));
			copies.put(original, copy);
			copyTree(original, copy);
		}
		return copy;
	}

	List<Path> of(Iterable<File> originals) throws IOException {
		List<Path> all = new ArrayList<>();
		for (File f : originals) all.add(of(f.toPath()));
		return all;
	}

	@Override
	public void close() throws IOException {
		Javac.deleteTree(top);
	}

	private static void copyTree(Path from, Path to) throws IOException {
		try (Stream<Path> walk = Files.walk(from)) {
			for (Path p : walk.toList()) Files.copy(p, to.resolve(from.relativize(p).toString()));
		}
	}
}
