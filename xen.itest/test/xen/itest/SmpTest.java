package xen.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What holds between the vCPUs of one guest: x86's memory order, atomic instructions, and that no old translation outlives its frame's type. */
@Tag("slow")
class SmpTest {
	@TempDir
	private Path folder;

	/** 1024 tries a round. Side by side in real time; in virtual time the interleaving is the machine's, and always the same. */
	@ParameterizedTest
	@CsvSource({"virtual, native, 50", "virtual, interp, 20", "real, native, 300", "real, interp, 50"})
	void noOutcomeThatX86ForbidsIsEverSeen(String time, String engine, int rounds) {
		Xen.Outcome o = passes("litmus", "--cmdline", "rounds=" + rounds, "--vcpus", "2", "--topology", "1x2x1", "--time", time, "--engine", engine);
		assertThat(o.out()).contains("message passing: 0 of ", "with mfence: 0 of ", "locked sums wrong: 0 of 6", "torn locked reads: 0 of ");
	}

	@ParameterizedTest
	@CsvSource({"virtual, 4, 1x4x1", "virtual, 4, 1x1x2", "real, 4, 1x2x1"})
	void fourVcpusAgreeOnTheOrderOfTwoStores(String time, int vcpus, String topology) {
		Xen.Outcome o = passes("litmus", "--cmdline", "rounds=20 cpus=4", "--vcpus", "" + vcpus, "--topology", topology, "--time", time);
		assertThat(o.out()).contains("IRIW: 0 of 20480");
	}

	@ParameterizedTest
	@CsvSource({"virtual, native", "virtual, interp", "real, native", "real, interp"})
	void aFrameInItsNewRoleIsOutOfReachOfOldTranslations(String time, String engine) {
		// in real time the other vCPU may be off its host CPU for milliseconds: a longer look
		Xen.Outcome o = passes("pagetype-mp", "--cmdline", time.equals("real") ? "rounds=50 looks=5000" : "rounds=200", "--vcpus", "2", "--topology", "1x2x1", "--time", time, "--engine", engine);
		assertThat(o.out()).contains("stores to the frame in its new role: 0");
	}

	@ParameterizedTest
	@CsvSource({"virtual, 4, 1x2x2", "virtual, 8, 2x2x2", "real, 2, 1x2x1", "real, 32, 2x8x2"})
	void debianRunsOnAllItsVcpusWithoutAComplaint(String time, int vcpus, String topology) {
		Debian.missing("cloud").ifPresent(why -> Assumptions.abort(why));
		Xen.Outcome o = Xen.run("debian", "--vcpus", "" + vcpus, "--topology", topology, "--time", time, "--timeout", "280", "-c",
				"nproc; for i in 1 2 3 4; do seq 1 5000 | sha256sum & done; wait; dmesg | grep -E 'BUG:|WARNING:|stalls? on|soft lockup|hung task' || echo clean");
		assertThat(o.status()).as(o::toString).isZero();
		assertThat(o.out()).containsPattern("(?m)^" + vcpus + "$").containsPattern("(?m)^clean$");
		List<String> sums = o.out().lines().filter(l -> l.matches("[0-9a-f]{64}  -")).toList();
		assertThat(sums).hasSize(4).containsOnly(sums.getFirst());
	}

	@ParameterizedTest
	@CsvSource({"litmus, rounds=10", "pagetype-mp, rounds=50"})
	void enginesLeaveTheSameTraceWithTwoVcpus(String guest, String commandLine) throws IOException {
		List<byte[]> traces = new ArrayList<>();
		for (String engine : List.of("native", "interp")) {
			Path trace = folder.resolve(guest + engine);
			passes(guest, "--cmdline", commandLine, "--vcpus", "2", "--topology", "1x2x1", "--time", "virtual", "--engine", engine, "--trace", "exits,hypercalls", "--trace-file", trace.toString());
			traces.add(Files.readAllBytes(trace));
		}
		assertThat(traces.getFirst()).isNotEmpty().isEqualTo(traces.getLast());
	}

	private static Xen.Outcome passes(String guest, String... options) {
		List<String> args = new ArrayList<>(List.of("boot", Guests.image(guest).toString(), "--timeout", "120"));
		args.addAll(List.of(options));
		Xen.Outcome o = Xen.run(args.toArray(String[]::new));
		assertThat(o.status()).as(o::toString).isZero();
		assertThat(o.out()).as(o::toString).endsWith("PASSED\n").doesNotContain("FAIL");
		return o;
	}
}
