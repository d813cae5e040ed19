package xen.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;

/**
 * A digest of what a step reads, kept in a file beside what it wrote: the step is stale when the two differ.
 * Files count by path, size and time of change; jars that a build wrote count by content, as they are reproducible.
 */
final class Fingerprint {
	private final MessageDigest digest;

	Fingerprint() {
		try {
			digest = MessageDigest.getInstance("SHA-256");
		} catch (NoSuchAlgorithmException e) {
			throw new AssertionError("every JDK has SHA-256", e);
		}
	}

	Fingerprint text(String s) {
		digest.update(s.getBytes(java.nio.charset.StandardCharsets.UTF_8));
		digest.update((byte) 0);
		return this;
	}

	/** A file or a folder with all below it; what does not exist counts as absent. */
	Fingerprint tree(Path top) throws IOException {
		if (!Files.exists(top)) return text("absent " + top);
		try (Stream<Path> walk = Files.walk(top)) {
			for (Path p : walk.filter(Files::isRegularFile).sorted().toList())
				text(p + " " + Files.size(p) + " " + Files.getLastModifiedTime(p).toMillis());
		}
		return this;
	}

	Fingerprint content(Path file) throws IOException {
		if (!Files.isRegularFile(file)) return text("absent " + file);
		digest.update(Files.readAllBytes(file));
		return this;
	}

	String hex() {
		return HexFormat.of().formatHex(digest.digest());
	}

	static boolean matches(Path stamp, String value) throws IOException {
		return Files.isRegularFile(stamp) && Files.readString(stamp).equals(value);
	}
}
