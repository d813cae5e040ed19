package xen.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A guest whose four vCPUs issue vcpu_op, sched_op, event_channel_op and timer calls with random arguments: it may hurt itself, nobody else. */
@Tag("slow")
class VcpuFuzzTest {
	@TempDir
	private Path folder;

	@ParameterizedTest
	@CsvSource({"virtual, native, 1", "virtual, interp, 2", "real, native, 3", "real, native, 4"})
	void itGetsNothingThatIsNotItsOwnAndNoCallIsLost(String time, String engine, int seed) {
		Xen.Outcome o = Xen.run("boot", Guests.image("vcpufuzz").toString(), "--cmdline", "rounds=8000 seed=" + seed, "--vcpus", "6", "--topology", "1x2x1", "--time", time, "--engine", engine,
				"--timeout", "120");
		assertThat(o.status()).as(o::toString).isZero();
		assertThat(o.out()).as(o::toString).endsWith("PASSED\n").contains("by vCPUs: 4");
		assertThat(o.err()).isEmpty();
	}

	@Test
	void aNeighbourComputesRightAllTheWhile() throws IOException {
		Path work = config("work", 2, "rounds=20000"), fuzz = config("vcpufuzz", 6, "rounds=1000000000 seed=5");
		Xen.Outcome o = Xen.run("run", "-c", "machine topology=1x2x1 time=virtual memory=128; create " + work + "; create " + fuzz
				+ "; await work \"rounds, right\" 100; await work \"rounds, right\" 100; counters vcpufuzz; dmesg");
		assertThat(o.status()).as(o::toString).isZero();
		List<String> lines = o.out().lines().toList();
		assertThat(lines.stream().filter(l -> l.startsWith("(d1) vCPU") && l.endsWith("rounds, right"))).as(o::toString).hasSize(2);
		assertThat(o.out()).containsPattern("hypercall.vcpu_op +[0-9]{3}").doesNotContain("internal error", "FAIL");
		assertThat(o.err()).isEmpty();
	}

	private Path config(String guest, int vcpus, String commandLine) throws IOException {
		return Files.writeString(folder.resolve(guest + ".cfg"), "name = \"%s\"\nkernel = \"%s\"\nmemory = 32\nvcpus = %d\nextra = \"%s\"\non_poweroff = \"preserve\"\n".formatted(guest,
				Guests.image(guest), vcpus, commandLine));
	}
}
