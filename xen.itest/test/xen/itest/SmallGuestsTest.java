package xen.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The guests of the folder {@code guests}: each tries one property of the core from inside, and ends well or is meant to crash. */
@Tag("slow")
class SmallGuestsTest {
	@ParameterizedTest
	@ValueSource(strings = {"hello", "traps", "time", "events", "pagetypes", "grants", "multicall", "segments", "failsafe", "compat", "isolation"})
	void theGuestPasses(String guest) {
		passes(guest);
	}

	@Test
	void helloFindsItsCommandLineAndMemory() {
		Xen.Outcome o = passes("hello", "--cmdline", "one two=3", "--memory", "17");
		assertThat(o.out()).contains("with 4352 pages, command line 'one two=3'");
	}

	@Test
	void helloPassesWithManyVcpusThatItNeverStarts() {
		passes("hello", "--vcpus", "32", "--topology", "1x2x1");
	}

	@ParameterizedTest
	@ValueSource(strings = {"1x2x1", "1x1x1", "2x1x2"})
	void twoVcpusWorkTogetherOnAnyTopology(String topology) {
		passes("mp", "--vcpus", "2", "--topology", topology);
	}

	@ParameterizedTest
	@ValueSource(strings = {"hello", "time", "events", "traps"})
	void theGuestPassesInRealTime(String guest) {
		passes(guest, "--time", "real");
	}

	@Test
	void twoVcpusWorkTogetherInRealTime() {
		passes("mp", "--vcpus", "2", "--time", "real");
	}

	@Test
	void eightVcpusOnTwoCpusAllGetTheRightResult() {
		Xen.Outcome o = passes("work", "--cmdline", "rounds=200", "--vcpus", "8", "--topology", "1x2x1");
		assertThat(o.out().lines().filter(l -> l.endsWith("rounds, right")).toList()).hasSize(8);
	}

	@Test
	void theBypassSchedulerRunsGuestsToo() {
		passes("mp", "--vcpus", "2", "--topology", "1x1x1", "--sched", "bypass");
	}

	@Test
	void aJumpToNowhereIsReportedWithWhereItCameFrom() {
		crashes("nowhere", "RIP:", "0000dead0000", "leap");
	}

	@Test
	void aLostStackIsReported() {
		crashes("nostack", "RIP:", "lost");
	}

	@Test
	void anExceptionWithoutATrapTableIsReported() {
		crashes("notraps", "RIP:", "undefined");
	}

	@Test
	void aGuestThatCrashesItselfIsReported() {
		crashes("suicide", "RIP:");
	}

	private static Xen.Outcome passes(String guest, String... options) {
		Xen.Outcome o = boot(guest, options);
		assertThat(o.status()).as(o::toString).isZero();
		assertThat(o.out()).as(o::toString).endsWith("PASSED\n").doesNotContain("FAIL");
		assertThat(o.err()).isEmpty();
		return o;
	}

	private static void crashes(String guest, String... words) {
		Xen.Outcome o = boot(guest);
		assertThat(o.status()).as(o::toString).isEqualTo(3);
		assertThat(o.err()).startsWith("xen: the guest crashed").contains(words).doesNotContain("\tat ", "Exception in", "java.");
	}

	private static Xen.Outcome boot(String guest, String... options) {
		List<String> args = new java.util.ArrayList<>(List.of("boot", Guests.image(guest).toString(), "--timeout", "120"));
		args.addAll(List.of(options));
		return Xen.run(args.toArray(String[]::new));
	}
}
