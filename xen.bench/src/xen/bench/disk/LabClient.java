package xen.bench.disk;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.ServiceClass;
import xen.kernel.api.block.VbdConfig;
import xen.kernel.api.block.kit.RingFront;
import xen.kernel.api.block.kit.SimHost;

/** A guest of an experiment: keeps some requests in its ring, at random places or in sequence, and notes how long each took. */
final class LabClient implements RingFront.Answers {
	/**
	 * How it behaves.
	 *
	 * @param depth requests it keeps under way
	 * @param pages of 4 KiB a request
	 * @param thinkNanos mean pause after an answer; 0 = none
	 * @param periodNanos one request each that long, whatever happens; 0 = closed loop
	 */
	record Behaviour(ServiceClass serviceClass, int weight, int depth, int pages, boolean sequential, long thinkNanos, long periodNanos, long deadlineNanos) {
		static final Behaviour INTERACTIVE = new Behaviour(ServiceClass.INTERACTIVE, 256, 1, 1, false, 20_000_000, 0, 0);
		static final Behaviour HOSTILE = new Behaviour(ServiceClass.THROUGHPUT, 256, 4, 10, true, 0, 0, 0);
		static final Behaviour FILM = new Behaviour(ServiceClass.REALTIME, 256, 8, 10, true, 0, 20_000_000, 50_000_000);

		Behaviour weight(int w) { return new Behaviour(serviceClass, w, depth, pages, sequential, thinkNanos, periodNanos, deadlineNanos); }
	}

	private final SimHost host;
	private final Behaviour b;
	private final Random random;
	final ManagedVbd vbd;
	private final RingFront ring;
	private final int[][] pages;
	private final long[] sent;
	private final boolean[] busy;
	private long position;
	private long[] took = new long[1024];
	private int answers;
	long bytes, missed;

	LabClient(SimHost host, BlockControl core, Behaviour b, int number, long sectors, String disk, long seed) {
		this.host = host;
		this.b = b;
		random = new Random(seed * 1000 + number);
		vbd = core.create(new VbdConfig(SimHost.DOMID, 51712 + 16 * number, "null", Long.toString(sectors), false, disk, b.weight, b.serviceClass,
				b.deadlineNanos, b.periodNanos > 0 ? (int) (1_000_000_000 / b.periodNanos) : 0, 0));
		ring = new RingFront(host, 0, number);
		pages = new int[b.depth][b.pages];
		for (int[] p : pages) {
			Arrays.setAll(p, i -> host.page());
		}
		sent = new long[b.depth];
		busy = new boolean[b.depth];
		vbd.connect(List.of(ring.config()), true);
		position = (long) (random.nextDouble() * (sectors - 10_000)) & -8;
	}

	void start() {
		for (int i = 0; i < b.depth && b.periodNanos == 0; i++) {
			int slot = i;
			host.at(host.now() + random.nextInt(1_000_000), () -> send(slot));
		}
		if (b.periodNanos > 0) {
			host.post(this::tick);
		}
	}

	private void tick() {
		host.at(host.now() + b.periodNanos, this::tick);
		for (int i = 0; i < b.depth; i++) {
			if (!busy[i]) {
				send(i);
				return;
			}
		}
		missed++;
	}

	private void send(int slot) {
		busy[slot] = true;
		sent[slot] = host.now();
		if (!b.sequential) {
			position = (long) (random.nextDouble() * (vbd.sectors() - 1024)) & -8;
		} else if (position > vbd.sectors() - 1024) {
			position = 0;
		}
		ring.request(RingFront.READ, slot, position, pages[slot]);
		position += b.pages * 8L;
		ring.push();
	}

	void poll() { ring.answers(this); }

	@Override public void answer(long id, int operation, int status) {
		int slot = (int) id;
		busy[slot] = false;
		long t = host.now() - sent[slot];
		if (answers == took.length) {
			took = Arrays.copyOf(took, 2 * answers);
		}
		took[answers++] = t;
		bytes += b.pages * 4096L;
		missed += b.deadlineNanos > 0 && t > b.deadlineNanos ? 1 : 0;
		if (b.periodNanos == 0) {
			long think = b.thinkNanos == 0 ? 0 : (long) (-Math.log(1 - random.nextDouble()) * b.thinkNanos);
			host.at(host.now() + think, () -> send(slot));
		}
	}

	/** Forgets what was measured. */
	void reset() {
		answers = 0;
		bytes = missed = 0;
	}

	int answers() { return answers; }

	/** Time below which that part of the answers came, in nanoseconds. */
	long percentile(double p) {
		long[] sorted = Arrays.copyOf(took, answers);
		Arrays.sort(sorted);
		return answers == 0 ? 0 : sorted[(int) Math.min(answers - 1L, (long) (p * answers))];
	}
}
