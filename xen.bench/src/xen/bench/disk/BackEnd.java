package xen.bench.disk;

import java.util.Arrays;
import java.util.List;
import xen.bench.Figures;
import xen.bench.process.CpuClock;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.BlockCores;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.VbdConfig;
import xen.kernel.api.block.kit.RingFront;
import xen.kernel.api.block.kit.SimHost;

/**
 * The back end alone, in real time: a ring driven from Java against a RAM disk without a model, the front end on one thread and the driver on
 * its own, as for a guest. CPU time is that of the whole process, front end included, so a request a core is what one core could do for all of
 * them.
 */
final class BackEnd {
	private static final int WARM = 2, PORT = 3, BLOCKS = 16384, DEPTH = 32;
	private static final double ROUND_SECONDS = 0.5;

	private final BlockCores cores;
	private final BlockDriver driver;
	private final int rounds;

	BackEnd(BlockCores cores, BlockDriver driver, int rounds) {
		this.cores = cores;
		this.driver = driver;
		this.rounds = rounds;
	}

	void measure(Figures f) {
		for (boolean persistent : new boolean[] {false, true}) {
			for (int operation : new int[] {RingFront.READ, RingFront.WRITE}) {
				measure(f.group((operation == RingFront.READ ? "read" : "write") + "_4k" + (persistent ? "_persistent" : "")), operation, persistent, 1);
			}
		}
		measure(f.group("read_44k"), RingFront.READ, false, 11);
	}

	private void measure(Figures f, int operation, boolean persistent, int pages) {
		double[] rates = new double[WARM + rounds], cpu = new double[WARM + rounds];
		try (SimHost host = new SimHost(VerifyingLoad.pages(64)).real()) {
			BlockControl core = cores.open(host, driver);
			ManagedVbd vbd = core.create(VbdConfig.simple(SimHost.DOMID, 51712, "ram", BLOCKS * 4 + "K", false, "none"));
			RingFront ring = new RingFront(host, 1, PORT);
			int[][] buffers = new int[ring.slots][pages];
			for (int[] b : buffers) {
				Arrays.setAll(b, i -> host.page());
			}
			vbd.connect(List.of(ring.config()), persistent);
			for (int i = 0; i < rates.length; i++) {
				long before = CpuClock.process(ProcessHandle.current().pid()), from = System.nanoTime();
				rates[i] = round(host.port(PORT), ring, operation, buffers);
				double did = rates[i] * (System.nanoTime() - from) / 1e9;
				cpu[i] = (CpuClock.process(ProcessHandle.current().pid()) - before) / did;
			}
			vbd.close();
			ring.close();
		}
		double[] warm = Arrays.copyOfRange(rates, WARM, rates.length);
		Arrays.sort(warm);
		double median = warm[warm.length / 2];
		double[] spent = Arrays.copyOfRange(cpu, WARM, cpu.length);
		Arrays.sort(spent);
		double nanos = spent[spent.length / 2];
		f.add("requests_per_s", median, "1/s").add("best_per_s", warm[warm.length - 1], "1/s").add("worst_per_s", warm[0], "1/s")
				.add("ns_per_request", 1e9 / median, "ns").add("mb_per_s", median * pages * 4096 / 1e6, "MB/s")
				.add("cpu_ns_per_request", nanos, "ns").add("requests_per_core_s", 1e9 / nanos, "1/s");
	}

	/** Keeps so many requests under way: each answer makes room for the next request, and the front end sleeps until half of them are answered. */
	private static double round(SimHost.Port port, RingFront ring, int operation, int[][] buffers) {
		long[] errors = new long[1], position = {12345};
		RingFront.Answers again = (id, op, status) -> {
			errors[0] += status == 0 ? 0 : 1;
			position[0] = position[0] * 6364136223846793005L + 1442695040888963407L;
			ring.request(operation, id, (position[0] >>> 40) % (BLOCKS - 16) * 8, buffers[(int) id]);
		};
		long from = System.nanoTime(), until = from + (long) (ROUND_SECONDS * 1e9), done = 0;
		for (int s = 0; s < DEPTH; s++) again.answer(s, operation, 0);
		ring.push();
		long now;
		do {
			int got = ring.answers(again, DEPTH / 2);
			done += got;
			ring.push();
			if (got == 0 && !port.await()) throw new IllegalStateException("the back end does not answer");
			now = System.nanoTime();
		} while (now < until);
		RingFront.Answers last = (id, op, status) -> errors[0] += status == 0 ? 0 : 1;
		for (int left = DEPTH; left > 0;) {
			int got = ring.answers(last);
			left -= got;
			if (got == 0 && !port.await()) throw new IllegalStateException("the back end does not answer");
		}
		if (errors[0] != 0) throw new IllegalStateException(errors[0] + " requests failed");
		return (done + DEPTH) * 1e9 / (System.nanoTime() - from);
	}
}
