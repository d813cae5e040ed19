package xen.itest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A short run of {@code ./xen bench swap}: 4 vCPUs of Linux that check their sums while schedulers are swapped, updated, and throw. */
@Tag("slow")
class SchedulersUnderLinuxTest {
	@Test
	void noSumIsWrongNoVcpuLostAndNoParameterChangedWhateverBecomesOfTheScheduler() {
		Debian.missing("cloud").ifPresent(why -> Assumptions.abort(why));
		Xen.Outcome o = Xen.run("bench", "swap", "--swaps", "60", "--updates", "8", "--seed", "3", "--json");
		assertThat(o.status()).as(o::toString).isZero();
		assertThat(o.out()).contains("\"swaps\": 60,", "\"pairs\": 12,", "\"updates\": 8,", "\"faults\": 24,", "\"parameters_changed\": 0,", "\"vcpus_lost\": 0,", "\"sums_wrong\": 0")
				.containsPattern("\"sums_checked\": [1-9]");
	}
}
