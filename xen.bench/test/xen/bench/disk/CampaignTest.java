package xen.bench.disk;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A guest must not see that its block driver dies. */
class CampaignTest {
	private final DiskBed bed = new DiskBed();

	private Campaign.Result run(long seed, int rate, String disk, boolean persistent, int order, long faults) {
		return new Campaign(bed.cores, bed.driver, seed, rate, 2, disk, persistent, order).run(faults);
	}

	@ParameterizedTest
	@CsvSource({"1, 12, ssd, false, 1", "2, 12, ssd, true, 1", "3, 40, none, false, 0", "4, 30, hdd, false, 0", "5, 100, ssd, true, 4"})
	void aDriverThatFailsInEveryWayShowsTheGuestNoErrorAndNoWrongBlock(long seed, int rate, String disk, boolean persistent, int order) {
		Campaign.Result r = run(seed, rate, disk, persistent, order, 1000);
		assertThat(r.clean()).as("%s", r).isTrue();
		assertThat(r.faults()).isEqualTo(1000);
		assertThat(r.byKind()).doesNotContain(0);
	}

	@Test void theSameSeedGivesTheSameRun() {
		assertThat(run(9, 12, "ssd", false, 1, 300)).usingRecursiveComparison().isEqualTo(run(9, 12, "ssd", false, 1, 300));
	}

	@Test void aFrontEndThatWritesNonsenseHarmsNobodyElse() {
		BlkFuzz.Result r = new BlkFuzz(bed.cores, bed.driver).fuzz(42, 60, 20_000);
		assertThat(r.clean()).as("%s", r).isTrue();
		assertThat(r.closed()).isPositive();
	}
}
