package xen.bench.disk;

import java.util.Random;
import xen.kernel.api.block.kit.RingFront;
import xen.kernel.api.block.kit.SimHost;
import xen.kernel.api.hw.Raw;

/**
 * Reads and writes that know what they should find. Each block has a version that grows with each write put into the ring; overlapping
 * requests are in the ring at once on purpose, because the back end keeps their order: a read must find what the last write before it in
 * the ring wrote, done or not.
 */
final class VerifyingLoad implements RingFront.Answers {
	static final int MOST_PAGES = 11;

	private final SimHost host;
	private final RingFront ring;
	private final Random random;
	private final long[] version;
	private final int slots;
	private final int[][] pages;
	private final int[] block, count;
	private final boolean[] busy;
	private final int[] operation;
	private final long[][] expected;
	private int inFlight;
	long answered, errors, corrupted, wrongAnswers, bytes;

	/** @param blocks blocks of 4 KiB on the disk */
	VerifyingLoad(SimHost host, RingFront ring, long seed, int blocks) {
		this.host = host;
		this.ring = ring;
		random = new Random(seed);
		version = new long[blocks];
		slots = ring.slots;
		pages = new int[slots][MOST_PAGES];
		for (int[] p : pages) {
			for (int i = 0; i < p.length; i++) {
				p[i] = host.page();
			}
		}
		block = new int[slots];
		count = new int[slots];
		busy = new boolean[slots];
		operation = new int[slots];
		expected = new long[slots][MOST_PAGES];
	}

	/** Pages that a host needs for it. */
	static int pages(int slots) { return slots * MOST_PAGES + 20; }

	int inFlight() { return inFlight; }

	/** Fills the ring up to {@code depth} requests. */
	void fill(int depth) {
		boolean any = false;
		for (int s = 0; s < slots && inFlight < depth; s++) {
			if (!busy[s]) {
				put(s);
				any = true;
			}
		}
		if (any) {
			ring.push();
		}
	}

	private void put(int s) {
		busy[s] = true;
		inFlight++;
		int kind = random.nextInt(100);
		count[s] = 1 + random.nextInt(kind < 95 ? MOST_PAGES : 2);
		block[s] = random.nextInt(version.length - count[s] + 1);
		if (kind < 4) {
			operation[s] = RingFront.FLUSH;
			ring.request(RingFront.FLUSH, s, 0);
			return;
		}
		boolean write = kind < 52;
		operation[s] = write ? kind == 50 ? RingFront.BARRIER : RingFront.WRITE : RingFront.READ;
		for (int i = 0; i < count[s]; i++) {
			long v = write ? ++version[block[s] + i] : version[block[s] + i];
			expected[s][i] = v;
			if (write) {
				pattern(host.address(pages[s][i]), block[s] + i, v);
			} else {
				Raw.fill(host.address(pages[s][i]), 4096, 0xa5);
			}
		}
		ring.request(operation[s], s, block[s] * 8L, java.util.Arrays.copyOf(pages[s], count[s]));
	}

	private static long word(long block, long version, int i) { return version == 0 ? 0 : (block << 32 ^ version) * 0x9e3779b97f4a7c15L + i; }

	private static void pattern(long at, long block, long version) {
		for (int i = 0; i < 512; i++) {
			Raw.put64(at + 8L * i, word(block, version, i));
		}
	}

	private static boolean holds(long at, long block, long version) {
		for (int i = 0; i < 512; i++) {
			if (Raw.get64(at + 8L * i) != word(block, version, i)) {
				return false;
			}
		}
		return true;
	}

	@Override public void answer(long id, int op, int status) {
		if (id < 0 || id >= slots || !busy[(int) id] || operation[(int) id] != op) {
			wrongAnswers++;
			return;
		}
		int s = (int) id;
		busy[s] = false;
		inFlight--;
		answered++;
		if (status != 0) {
			errors++;
			return;
		}
		if (op != RingFront.FLUSH) {
			bytes += count[s] * 4096L;
		}
		for (int i = 0; op == RingFront.READ && i < count[s]; i++) {
			if (!holds(host.address(pages[s][i]), block[s] + i, expected[s][i])) {
				corrupted++;
			}
		}
	}

	/** One read of every block, one after the other, to be driven by the caller through {@link #answer}. */
	int blocks() { return version.length; }

	/** Puts a read of one block into the ring; nothing else is in it. */
	void check(int b) {
		busy[0] = true;
		inFlight++;
		count[0] = 1;
		block[0] = b;
		operation[0] = RingFront.READ;
		expected[0][0] = version[b];
		ring.request(RingFront.READ, 0, b * 8L, pages[0][0]);
		ring.push();
	}
}
