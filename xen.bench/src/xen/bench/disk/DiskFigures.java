package xen.bench.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import xen.bench.Figures;
import xen.bench.Statistics;
import xen.bench.linux.LinuxGuest.Took;

/** What one piece of work gave, as figures: medians of the rounds, ratios of rounds that followed each other. */
final class DiskFigures {
	private final DiskWork work;
	private final Figures row;

	DiskFigures(DiskWork work, Figures row) {
		this.work = work;
		this.row = row;
	}

	void add(String guest, List<Took> rounds) {
		double wall = median(rounds, Took::wallSeconds);
		row.add(guest + "_mb_per_s", work.megabytes(wall), "MB/s").add(guest + "_iops", work.requests(wall), "1/s")
				.add(guest + "_cpu_us", median(rounds, Took::cpuSeconds) * 1e6 / work.count(), "us of CPU time a request");
	}

	/** QEMU's time over ours. */
	void compare(List<Took> ours, List<Took> qemu) {
		row.add("ratio", ratio(ours, qemu, Took::wallSeconds), "x virtio-blk of TCG").add("cpu_time_ratio", ratio(ours, qemu, Took::cpuSeconds), "x TCG, CPU time");
	}

	double ratio() { return row.get("ratio"); }

	double cpuTimeRatio() { return row.get("cpu_time_ratio"); }

	private static double ratio(List<Took> ours, List<Took> qemu, ToDoubleFunction<Took> time) {
		List<Double> ratios = new ArrayList<>();
		for (int i = 0; i < ours.size(); i++) ratios.add(time.applyAsDouble(qemu.get(i)) / time.applyAsDouble(ours.get(i)));
		return Statistics.median(ratios);
	}

	private static double median(List<Took> rounds, ToDoubleFunction<Took> time) { return Statistics.median(rounds.stream().map(time::applyAsDouble).toList()); }
}
