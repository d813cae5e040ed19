package xen.itest;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Debian's files, fetched as users fetch them into the cache that users have; where that fails the tests that need them are skipped. */
final class Debian {
	/** Asked for once in a run of all tests: each answer is a process. */
	private static final Map<String, Files> FETCHED = new ConcurrentHashMap<>();

	/** @param missing why there are no files; else null */
	record Files(Path kernel, Path busyboxRamdisk, String missing) {}

	private Debian() {}

	/** @param kernel as {@code ./xen debian --kernel} takes it */
	static Files fetch(String kernel) {
		return FETCHED.computeIfAbsent(kernel, Debian::ask);
	}

	private static Files ask(String kernel) {
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

	/**
	 * A snapshot of the cloud kernel with 256 MiB and the front end of disks, idle at its shell's prompt: for tests that are not about the boot. It is kept under a
	 * digest of all that it depends on, this build with it, so only the first test of a build waits for it.
	 */
	static Path booted(int vcpus) {
		Xen.Outcome o = Xen.run("debian", "--booted", "--modules", "xen-blkfront", "--vcpus", "" + vcpus, "--fetch-only");
		if (o.status() != 0) throw new AssertionError("booting Debian once: " + o);
		return Path.of(o.out().lines().toList().getLast());
	}
}
