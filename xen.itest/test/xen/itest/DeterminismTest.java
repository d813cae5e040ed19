package xen.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In virtual time the same configuration gives the same run: instructions, time, exits and console bytes. */
@Tag("slow")
class DeterminismTest {
	private static final List<Pattern> HOST_TIME = List.of(Pattern.compile("\"wall_s\": [0-9.]+,\\s*"), Pattern.compile("\"mips\": [0-9.]+,\\s*"));

	@TempDir
	private Path folder;

	@Test
	void twoBootsOfDebianAreTheSameRun() throws IOException {
		Debian.Files debian = Debian.fetch("cloud");
		Assumptions.assumeTrue(debian.missing() == null, debian.missing());
		twice(debian.kernel().toString(), "--ramdisk", debian.busyboxRamdisk().toString(), "--until", "xen-init: ready", "--time", "virtual", "--timeout", "280");
	}

	@Test
	void twoRunsOfFourBusyVcpusOnTwoCpusAreTheSameRun() throws IOException {
		String guest = Guests.image("work").toString();
		twice(guest, "--cmdline", "rounds=2000", "--vcpus", "4", "--topology", "1x2x1", "--time", "virtual", "--timeout", "200");
	}

	@Test
	void fourVcpusOfDebianLeaveTheSameTraceOnTwoEngines() throws IOException {
		Debian.missing("cloud").ifPresent(why -> Assumptions.abort(why));
		Path one = folder.resolve("native"), two = folder.resolve("bytecode");
		Xen.Running first = Xen.start(traced("native", one)), second = Xen.start(traced("bytecode", two));
		Xen.Outcome a = Xen.finish(first), b = Xen.finish(second);
		assertThat(a.status()).as(a::toString).isZero();
		assertThat(b.status()).as(b::toString).isZero();
		assertThat(b.out()).isEqualTo(a.out());
		assertThat(Files.mismatch(one, two)).as("first byte where the traces differ").isEqualTo(-1);
		assertThat(Files.size(one)).isPositive();
	}

	private static String[] traced(String engine, Path trace) {
		return new String[] {"debian", "--vcpus", "4", "--topology", "1x2x2", "--time", "virtual", "--engine", engine, "--timeout", "280", "--trace", "exits,hypercalls", "--trace-file",
				trace.toString(), "-c", "for i in 1 2 3 4; do seq 1 2000 | sha256sum & done; wait; nproc"};
	}

	@Test
	void aBootWithKeptTranslationsIsTheSameRunAsTheOneThatMadeThem() throws IOException {
		Debian.Files debian = Debian.fetch("cloud");
		Assumptions.assumeTrue(debian.missing() == null, debian.missing());
		String[] args = {debian.kernel().toString(), "--ramdisk", debian.busyboxRamdisk().toString(), "--until", "xen-init: ready", "--time", "virtual", "--timeout", "280", "--engine", "native"};
		Path kept = folder.resolve("code"), cold = folder.resolve("cold"), warm = folder.resolve("warm");
		Xen.Outcome first = Xen.finish(Xen.start(Map.of("XEN_CODE_CACHE", kept.toString()), with(args, cold)));
		assertThat(first.status()).as(first::toString).isZero();
		try (var files = Files.list(kept)) {
			assertThat(files.mapToLong(f -> f.toFile().length()).sum()).isGreaterThan(1 << 20);
		}
		Xen.Outcome second = Xen.finish(Xen.start(Map.of("XEN_CODE_CACHE", kept.toString()), with(args, warm)));
		assertThat(second.status()).as(second::toString).isZero();
		assertThat(second.out()).isEqualTo(first.out());
		assertThat(figures(warm)).isEqualTo(figures(cold)).containsPattern("\"instructions\": [1-9]");
	}

	/** Side by side, so that they get different shares of the host. */
	private void twice(String... args) throws IOException {
		Path stats = folder.resolve("stats"), again = folder.resolve("again");
		Xen.Running one = Xen.start(with(args, stats)), two = Xen.start(with(args, again));
		Xen.Outcome first = Xen.finish(one), second = Xen.finish(two);
		assertThat(first.status()).as(first::toString).isZero();
		assertThat(second.status()).as(second::toString).isZero();
		assertThat(second.out()).isEqualTo(first.out());
		assertThat(figures(again)).isEqualTo(figures(stats)).containsPattern("\"instructions\": [1-9]");
	}

	private static String[] with(String[] args, Path stats) {
		return java.util.stream.Stream.concat(java.util.stream.Stream.of("boot"), java.util.stream.Stream.concat(java.util.Arrays.stream(args), java.util.stream.Stream.of("--stats", stats.toString())))
				.toArray(String[]::new);
	}

	private static String figures(Path json) throws IOException {
		String s = Files.readString(json);
		for (Pattern p : HOST_TIME) s = p.matcher(s).replaceAll("");
		return s;
	}
}
