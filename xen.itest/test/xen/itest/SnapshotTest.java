package xen.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian saved in the middle of its boot goes on in another process as if nothing had happened; files that cannot be used are refused. */
@Tag("slow")
class SnapshotTest {
	/** Host time, and what the core's knowledge of TLBs counts: that begins anew. */
	private static final Pattern OF_THE_HOST = Pattern.compile("\"(wall_s|mips|spaces[.][a-z-]+)\": [0-9.]+,\\s*");
	private static final String READY = "xen-init: ready";

	@TempDir
	private Path folder;

	private String kernel, ramdisk;

	@BeforeEach
	void debian() {
		Debian.Files debian = Debian.fetch("cloud");
		Assumptions.assumeTrue(debian.missing() == null, debian.missing());
		kernel = debian.kernel().toString();
		ramdisk = debian.busyboxRamdisk().toString();
	}

	private Xen.Running boot(String... more) {
		return Xen.start(args(new String[] {"boot", kernel, "--ramdisk", ramdisk, "--time", "virtual", "--timeout", "200"}, more));
	}

	private static String[] args(String[] first, String[] more) {
		return java.util.stream.Stream.concat(java.util.Arrays.stream(first), java.util.Arrays.stream(more)).toArray(String[]::new);
	}

	private static Xen.Outcome well(Xen.Outcome o) {
		assertThat(o.status()).as(o::toString).isZero();
		return o;
	}

	/** Under another engine, too: what an engine keeps is no part of the guest. */
	@Test
	void theRestOfABootIsTheSameToTheInstruction() throws IOException {
		interrupted("2500000001", "1");
	}

	/** Two vCPUs of which one is in the middle of its window when the other has already done its own. */
	@Test
	void twoVcpusGoOnWhereEachWas() throws IOException {
		interrupted("2700000003", "2");
	}

	private void interrupted(String at, String vcpus) throws IOException {
		Path whole = folder.resolve("whole"), rest = folder.resolve("rest"), file = folder.resolve("half.snap");
		Xen.Running one = boot("--vcpus", vcpus, "--until", READY, "--stats", whole.toString());
		Xen.Running two = boot("--vcpus", vcpus, "--save", file.toString(), "--save-at", at);
		Xen.Outcome uninterrupted = well(Xen.finish(one)), begin = well(Xen.finish(two));
		Xen.Outcome end = well(Xen.run("restore", file.toString(), "--engine", "interp", "--until", READY, "--stats", rest.toString(), "--timeout", "200"));
		assertThat(begin.out() + end.out()).isEqualTo(uninterrupted.out());
		assertThat(figures(rest)).isEqualTo(figures(whole)).containsPattern("\"instructions\": [1-9]");
	}

	private static String figures(Path json) throws IOException {
		return OF_THE_HOST.matcher(Files.readString(json)).replaceAll("");
	}

	@Test
	void aShellIsThereAtOnceAndDamagedFilesAreRefused() throws IOException {
		Path file = folder.resolve("ready.snap");
		well(Xen.finish(boot("--save", file.toString(), "--save-when", READY)));
		Xen.Outcome o = well(Xen.run("restore", file.toString(), "-c", "echo six times seven is $((6*7)); dmesg | grep -c BUG", "--timeout", "100"));
		assertThat(o.out()).contains("six times seven is 42\n0\n").contains("reboot: System halted");
		byte[] bytes = Files.readAllBytes(file);
		bytes[bytes.length / 2] ^= 1;
		Path bad = Files.write(folder.resolve("bad.snap"), bytes);
		Xen.Outcome refused = Xen.run("restore", bad.toString());
		assertThat(refused.status()).as(refused::toString).isEqualTo(2);
		assertThat(refused.err()).contains(bad.toString()).contains("damaged").contains("save the domain again").doesNotContain("Exception");
	}
}
