package xen.bench.disk;

import java.util.List;
import java.util.Map;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.BlockCores;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.VbdConfig;
import xen.kernel.api.block.kit.RingFront;
import xen.kernel.api.block.kit.SimHost;

/** A verifying load while the driver fails, again and again, in virtual time; the same seed gives the same run. */
final class Campaign {
	/** What came of it. {@code virtualSeconds} is machine time, {@code pause} from the driver's own books. */
	record Result(long faults, long[] byKind, long answered, long errors, long corrupted, long wrongAnswers, long leakedPages, int escaped, boolean stalled,
			double virtualSeconds, Map<String, String> driver) {
		boolean clean() { return escaped == 0 && errors == 0 && corrupted == 0 && wrongAnswers == 0 && leakedPages == 0 && !stalled; }
	}

	private static final int BLOCKS = 512, PORT = 3;
	/** A front end that waits longer than that much machine time has been forgotten. */
	private static final long PATIENCE = 20_000_000_000L;

	private final SimHost host;
	private final BlockControl core;
	private final FaultyDriver driver;
	private final RingFront ring;
	private final VerifyingLoad load;
	private final ManagedVbd vbd;
	private final int order;

	/** @param loops how many of the faults are calls that never come back */
	Campaign(BlockCores cores, BlockDriver good, long seed, int rate, int loops, String disk, boolean persistent, int order) {
		this.order = order;
		int slots = Integer.highestOneBit(((1 << order) * 4096 - 64) / 112);
		host = new SimHost(VerifyingLoad.pages(slots));
		driver = new FaultyDriver(good, seed, rate, loops);
		core = cores.open(host, driver);
		vbd = core.create(VbdConfig.simple(SimHost.DOMID, 51712, "ram", BLOCKS * 4 + "K", false, disk));
		ring = new RingFront(host, order, PORT);
		load = new VerifyingLoad(host, ring, seed, BLOCKS);
		vbd.connect(List.of(ring.config()), persistent);
	}

	Result run(long faults) {
		driver.limit(faults);
		boolean stalled = false;
		while (driver.total() < faults && !stalled) {
			load.fill(ring.slots);
			stalled = !advance();
		}
		while (load.inFlight() > 0 && !stalled) {
			stalled = !advance();
		}
		for (int b = 0; b < load.blocks() && !stalled; b++) {
			load.check(b);
			stalled = !advance();
		}
		Map<String, String> report = new java.util.TreeMap<>(core.driver());
		// what threads the host gave is not of the run
		report.keySet().removeIf(k -> k.startsWith("thread"));
		vbd.close();
		Result r = new Result(driver.total(), driver.injected, load.answered, load.errors, load.corrupted, load.wrongAnswers, host.mapped(), driver.escaped, stalled,
				host.now() / 1e9, report);
		ring.close();
		host.close();
		return r;
	}

	/** Time goes on until something is answered; false when nothing is for too long. */
	private boolean advance() {
		long limit = host.now() + PATIENCE;
		while (ring.answers(load) == 0) {
			if (!host.step() || host.now() > limit) {
				return false;
			}
		}
		return true;
	}
}
