package xen.itest;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Debian's files, fetched as users fetch them into the cache that users have; where that fails the tests that need them are skipped. */
final class Debian {
	/** @param missing why there are no files; else null */
	record Files(Path kernel, Path busyboxRamdisk, String missing) {}

	private Debian() {}

	/** @param kernel as {@code ./xen debian --kernel} takes it */
	static Files fetch(String kernel) {
		Xen.Outcome o = Xen.run("debian", "--kernel", kernel, "--fetch-only");
		List<String> lines = o.out().lines().toList();
		if (o.status() == 0 && lines.size() == 2) return new Files(Path.of(lines.get(0)), Path.of(lines.get(1)), null);
		if (o.status() != 1) throw new AssertionError("fetching Debian's " + kernel + " kernel: " + o);
		return new Files(null, null, "Debian's " + kernel + " kernel cannot be had: " + o.err().strip());
	}

	/** Why the kernel cannot be had; empty when it is there. */
	static Optional<String> missing(String kernel) {
		return Optional.ofNullable(fetch(kernel).missing);
	}
}
