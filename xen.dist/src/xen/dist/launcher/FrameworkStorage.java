package xen.dist.launcher;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The framework's folder of this run, {@code xen-felix-PID-NANOS} among the temporary files. The end of the run deletes it, and those of the same user's
 * processes that were killed before they could.
 */
record FrameworkStorage(Path folder) {
	private static final String PREFIX = "xen-felix-";
	private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d+)-[0-9a-f]+");

	/** Named without random numbers: a start would wait for their generator. */
	static FrameworkStorage create() throws IOException {
		Path top = Path.of(System.getProperty("java.io.tmpdir"));
		FileAttribute<?>[] own = top.getFileSystem().supportedFileAttributeViews().contains("posix")
				? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))} : new FileAttribute<?>[0];
		for (int i = 0;; i++) {
			try {
				return new FrameworkStorage(Files.createDirectory(top.resolve(PREFIX + ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime() + i)), own));
			} catch (FileAlreadyExistsException e) {
				if (i == 100) throw e;
			}
		}
	}

	/** At the end of the process; says what it cannot delete of its own. */
	void delete() {
		try {
			delete(folder);
		} catch (IOException e) {
			System.err.println("xen: temporary folder " + folder + " is left behind: " + e);
		}
		try {
			for (Path dead : abandoned()) delete(dead);
		} catch (IOException e) {
			// another process deletes them too, or they are another user's
		}
	}

	/** Folders of this user's processes that are gone. */
	private List<Path> abandoned() throws IOException {
		try (Stream<Path> all = Files.list(folder.getParent())) {
			return all.filter(FrameworkStorage::isAbandoned).toList();
		}
	}

	private static boolean isAbandoned(Path p) {
		Matcher m = NAME.matcher(p.getFileName().toString());
		return m.matches() && Files.isWritable(p) && ProcessHandle.of(Long.parseLong(m.group(1))).isEmpty();
	}

	private static void delete(Path top) throws IOException {
		try (Stream<Path> walk = Files.walk(top)) {
			walk.sorted(Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
		}
	}
}
