package xen.bench.disk;

import java.util.Arrays;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.BlockCores;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.RingConfig;
import xen.kernel.api.block.VbdConfig;
import xen.kernel.api.block.kit.RingFront;
import xen.kernel.api.block.kit.SimHost;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CliName;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.hw.Raw;

/**
 * {@code ./xen fuzz blk}: a front end that writes nonsense into its rings, leaves them and comes back at any time, and names rings that it has
 * not, beside one that does not. The first may get errors or be closed; the second must see nothing of it, the driver must not be restarted
 * for it, no page must stay mapped, no byte outside the first disk change.
 */
@Component
@CliName("fuzz blk")
public final class BlkFuzz implements CliCommand {
	private static final int BLOCKS = 256, PORT = 5, GOOD_PORT = 4, BAD = 2, QUEUES = 3, RECONNECTS = 30;

	private final BlockCores cores;
	private final BlockDriver driver;

	@Activate public BlkFuzz(@Reference BlockCores cores, @Reference BlockDriver driver) {
		this.cores = cores;
		this.driver = driver;
	}

	@Override public String summary() { return "writes nonsense into a block ring beside a front end that is checked"; }

	@Override public int run(List<String> args, CliIo io) {
		return new CommandLine(new Line(io)).setOut(new java.io.PrintWriter(io.out(), true)).setErr(new java.io.PrintWriter(io.err(), true))
				.execute(args.toArray(String[]::new));
	}

	/** Cases, closings of the bad front end, and what must all be 0. */
	record Result(long cases, long closed, long goodErrors, long corrupted, long driverFailures, long leaked, long stalls) {
		boolean clean() { return goodErrors + corrupted + driverFailures + leaked + stalls == 0; }
	}

	Result fuzz(long seed, double seconds, long mostCases) {
		long until = System.nanoTime() + (long) (seconds * 1e9);
		long[] n = new long[7];
		for (long round = 0; n[0] < mostCases && System.nanoTime() < until; round++) {
			round(new Random(seed + round), n);
		}
		return new Result(n[0], n[1], n[2], n[3], n[4], n[5], n[6]);
	}

	private void round(Random random, long[] n) {
		try (SimHost host = new SimHost(VerifyingLoad.pages(64) + 64 + (RECONNECTS + 1) * QUEUES * 4)) {
			BlockControl core = cores.open(host, driver);
			ManagedVbd bad = core.create(VbdConfig.simple(BAD, 51712, "ram", BLOCKS * 4 + "K", random.nextInt(4) == 0, "ssd"));
			ManagedVbd good = core.create(VbdConfig.simple(SimHost.DOMID, 51728, "ram", BLOCKS * 4 + "K", false, "ssd"));
			RingFront goodRing = new RingFront(host, 0, GOOD_PORT);
			host.domain(BAD);
			int[] badPages = new int[40];
			List<RingFront> badRings = rings(host, random);
			Arrays.setAll(badPages, i -> host.page());
			host.domain(SimHost.DOMID);
			VerifyingLoad load = new VerifyingLoad(host, goodRing, random.nextLong(), BLOCKS);
			boolean[] closed = new boolean[1];
			bad.onFault(r -> closed[0] = true);
			bad.connect(badRings.stream().map(RingFront::config).toList(), random.nextBoolean());
			int left = RECONNECTS;
			good.connect(List.of(goodRing.config()), false);
			for (int i = 0; i < 2000 && !closed[0]; i++) {
				n[0]++;
				for (RingFront r : badRings) nonsense(host, r, badPages, random);
				if (random.nextInt(100) == 0 && left-- > 0) {
					badRings = reconnect(host, bad, badRings, random);
				}
				load.fill(8);
				host.run(host.now() + random.nextInt(300_000));
				goodRing.answers(load);
				for (RingFront r : badRings) r.answers((id, op, status) -> { });
			}
			for (int i = 0; i < 10_000 && load.inFlight() > 0; i++) {
				host.run(host.now() + 1_000_000);
				goodRing.answers(load);
			}
			n[1] += closed[0] ? 1 : 0;
			n[2] += load.errors + load.wrongAnswers;
			n[3] += load.corrupted;
			n[4] += Long.parseLong(core.driver().get("failures"));
			n[6] += load.inFlight() > 0 ? 1 : 0;
			bad.close();
			good.close();
			n[5] += host.mapped();
			badRings.forEach(RingFront::close);
			goodRing.close();
		}
	}

	private static List<RingFront> rings(SimHost host, Random random) {
		List<RingFront> rings = new ArrayList<>();
		for (int q = random.nextInt(QUEUES); q >= 0; q--) rings.add(new RingFront(host, random.nextInt(3), PORT + q));
		return rings;
	}

	/** Leaves with whatever is under way, perhaps names rings that it cannot have, and comes back with fresh ones. */
	private static List<RingFront> reconnect(SimHost host, ManagedVbd bad, List<RingFront> old, Random random) {
		if (random.nextInt(4) != 0) bad.disconnect();
		for (int tries = random.nextInt(3); tries > 0; tries--) {
			int[] refs = random.ints(1L << random.nextInt(5), -5, host.pages() + 5).toArray();
			refused(() -> bad.connect(List.of(new RingConfig(random.nextBoolean() ? refs : Arrays.copyOf(refs, random.nextInt(refs.length + 1)), PORT)), random.nextBoolean()));
			bad.disconnect();
		}
		bad.disconnect();
		old.forEach(RingFront::close);
		host.domain(BAD);
		List<RingFront> fresh = rings(host, random);
		host.domain(SimHost.DOMID);
		refused(() -> bad.connect(fresh.stream().map(RingFront::config).toList(), random.nextBoolean()));
		return fresh;
	}

	/** To be refused with an errno is one right answer. */
	private static void refused(Runnable connect) {
		try {
			connect.run();
		} catch (HypervisorException e) {
			// as it should be
		}
	}

	private static void nonsense(SimHost host, RingFront ring, int[] badPages, Random random) {
		int free = ring.free();
		for (int k = random.nextInt(4); k >= 0 && free-- > 0; k--) {
			long a = ring.slot();
			fill(a, random, badPages);
			ring.enqueue();
		}
		switch (random.nextInt(400)) {
			case 0 -> index(ring, random.nextInt());
			case 1 -> index(ring, ring.get(0) - random.nextInt(2 * ring.slots));
			case 2 -> index(ring, ring.get(8) + random.nextInt(2 * ring.slots));
			case 3, 4 -> ring.put(4, random.nextInt());
			case 5, 6 -> host.deny(badPages[random.nextInt(badPages.length)], random.nextBoolean());
			case 7, 8 -> ring.put(8, random.nextInt());
			default -> ring.push();
		}
		if (random.nextInt(8) == 0) {
			ring.kick();
		}
	}

	/** Says that requests are there, up to an index that is none of its own counting. */
	private static void index(RingFront ring, int produced) {
		ring.put(0, produced);
		ring.kick();
	}

	/** Mostly its own pages, now and then somebody else's or none. */
	private static int page(Random random, int[] own) { return random.nextInt(20) == 0 ? random.nextInt(500) - 5 : own[random.nextInt(own.length)]; }

	private static void fill(long a, Random random, int[] pages) {
		for (int i = 0; i < RingFront.SLOT; i += 8) {
			Raw.put64(a + i, random.nextInt(3) == 0 ? random.nextLong() : 0);
		}
		if (random.nextInt(8) != 0) {
			Raw.put8(a, random.nextInt(8));
			Raw.put8(a + 1, random.nextInt(13));
		}
		if (random.nextInt(4) != 0) {
			Raw.put64(a + 16, random.nextInt(BLOCKS * 9));
		}
		for (int i = 0; i < 11 && random.nextInt(6) != 0; i++) {
			RingFront.segment(a + 24 + 8L * i, page(random, pages), random.nextInt(9), random.nextInt(9));
		}
		if (random.nextInt(4) == 0) {
			Raw.put8(a, RingFront.INDIRECT);
			Raw.put8(a + 1, random.nextInt(3));
			Raw.put16(a + 2, random.nextInt(random.nextBoolean() ? 40 : 600));
			Raw.put32(a + 28, page(random, pages));
		}
	}

	@Command(name = "fuzz blk", mixinStandardHelpOptions = true, exitCodeOnInvalidInput = USAGE,
			description = "Writes random requests and indices into block rings, disconnects and reconnects with nonsense, beside a second front end whose data is checked.")
	private final class Line implements Callable<Integer> {
		@Option(names = "--seconds", defaultValue = "30", description = "how long (default ${DEFAULT-VALUE})")
		double seconds;
		@Option(names = "--seed", defaultValue = "1", description = "same seed, same cases (default ${DEFAULT-VALUE})")
		long seed;

		private final CliIo io;

		Line(CliIo io) { this.io = io; }

		@Override public Integer call() {
			Result r = fuzz(seed, seconds, Long.MAX_VALUE);
			io.out().println("cases %d, bad front end closed %d times; the other: errors %d, wrong blocks %d, stalls %d; driver failures %d, pages not returned %d"
					.formatted(r.cases(), r.closed(), r.goodErrors(), r.corrupted(), r.stalls(), r.driverFailures(), r.leaked()));
			return r.clean() ? OK : FAILED;
		}
	}
}
