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
 * The back end alone: a ring driven from Java against a RAM disk without a model; front end and core on one thread, the driver on its own.
 * CPU time is that of the whole process, so a request a core is what one core could do for all of them.
 */
final class BackEnd {
	private static final int WARM = 2, PORT = 3, BLOCKS = 16384;
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
		try (SimHost host = new SimHost(VerifyingLoad.pages(64))) {
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
				rates[i] = round(host, ring, operation, buffers);
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

	private static double round(SimHost host, RingFront ring, int operation, int[][] buffers) {
		long[] errors = new long[1];
		RingFront.Answers count = (id, op, status) -> errors[0] += status == 0 ? 0 : 1;
		long from = System.nanoTime();
		long until = from + (long) (ROUND_SECONDS * 1e9);
		long done = 0;
		long position = 12345;
		long now;
		do {
			for (int n = 0; n < 16; n++) {
				for (int s = 0; s < 32; s++) {
					position = position * 6364136223846793005L + 1442695040888963407L;
					ring.request(operation, s, (position >>> 40) % (BLOCKS - 16) * 8, buffers[s]);
				}
				ring.push();
				for (int got = 0; got < 32;) {
					host.step();
					got += ring.answers(count);
				}
				done += 32;
			}
			now = System.nanoTime();
		} while (now < until);
		if (errors[0] != 0) {
			throw new IllegalStateException(errors[0] + " requests failed");
		}
		return done * 1e9 / (now - from);
	}
}
