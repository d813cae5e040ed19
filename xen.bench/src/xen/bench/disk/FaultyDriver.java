package xen.bench.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import xen.kernel.api.block.BlockBackend;
import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.BlockGrant;
import xen.kernel.api.block.BlockOp;
import xen.kernel.api.block.BlockRequest;
import xen.kernel.api.block.StartKind;
import xen.kernel.api.block.Vbd;

/** A driver that does its work well most of the time. Each call may go wrong in one of the ways of {@link Fault}, by a seeded choice. */
final class FaultyDriver implements BlockDriver {
	/** What can go wrong in a driver. */
	enum Fault {
		THROW_BEFORE, THROW_AFTER, LOOP, DEADLOCK, HANG, ILL, LOST_REQUEST, LOST_COMPLETION, DUPLICATE, WRONG_ID, WRONG_STATUS, EARLY_ANSWER, TORN, WRONG_PAGE, NO_START
	}

	private final BlockDriver good;
	private final Random random;
	/** One call in so many goes wrong. */
	private final int rate;
	final long[] injected = new long[Fault.values().length];
	private long most = Long.MAX_VALUE;
	/** Calls that never come back, among all faults; each costs the host a watchdog's patience. */
	private final int loops;
	/** Instances until now: a loop ends when there is a later one, so that no thread is left behind. */
	private volatile int instances;
	/** Threads that came back from a loop and could still do something. */
	volatile int escaped;

	FaultyDriver(BlockDriver good, long seed, int rate, int loops) {
		this.loops = loops;
		this.good = good;
		this.random = new Random(seed);
		this.rate = rate;
	}

	/** Injects no more than that many. */
	void limit(long faults) { most = faults; }

	long total() { return java.util.Arrays.stream(injected).sum(); }

	private boolean bad() { return total() < most && random.nextInt(rate) == 0; }

	private Fault pick(Fault... of) {
		Fault f = of[random.nextInt(of.length)];
		long looped = injected[Fault.LOOP.ordinal()] + injected[Fault.DEADLOCK.ordinal()];
		if (looped < loops && looped * most <= total() * loops) f = looped % 2 == 0 ? Fault.LOOP : Fault.DEADLOCK;
		injected[f.ordinal()]++;
		return f;
	}

	@Override public BlockBackend start(BlockDomain domain, StartKind kind) {
		if (kind == StartKind.RESTART && bad()) {
			injected[Fault.NO_START.ordinal()]++;
			throw new IllegalStateException(Fault.NO_START.name());
		}
		return new Faulty(good.start(domain, kind), domain, ++instances);
	}

	private final class Faulty implements BlockBackend {
		private final BlockBackend inner;
		private final BlockDomain domain;
		private final List<BlockRequest> known = new ArrayList<>();
		private final int number;
		private boolean hangs, ill;

		Faulty(BlockBackend inner, BlockDomain domain, int number) {
			this.number = number;
			this.inner = inner;
			this.domain = domain;
		}

		@Override public void attach(Vbd vbd) { inner.attach(vbd); }
		@Override public void detach(Vbd vbd) { inner.detach(vbd); }
		@Override public boolean alive() { return !ill && inner.alive(); }
		@Override public void stop() { inner.stop(); }

		@Override public void request(BlockRequest r) {
			if (hangs || ill) {
				return;
			}
			if (!bad()) {
				known.add(r);
				inner.request(r);
				return;
			}
			switch (pick(Fault.THROW_BEFORE, Fault.THROW_AFTER, Fault.HANG, Fault.ILL, Fault.LOST_REQUEST, Fault.EARLY_ANSWER, Fault.WRONG_STATUS,
					Fault.TORN, Fault.WRONG_PAGE)) {
				case THROW_BEFORE -> throw new IllegalArgumentException("injected");
				case THROW_AFTER -> {
					inner.request(r);
					throw new AssertionError("injected");
				}
				case LOOP -> loop(r, true);
				case DEADLOCK -> loop(r, false);
				case HANG -> hangs = true;
				case ILL -> ill = true;
				case EARLY_ANSWER -> domain.complete(r, BlockDomain.OK);
				case WRONG_STATUS -> domain.complete(r, BlockDomain.ERROR);
				case TORN -> torn(r);
				case WRONG_PAGE -> wrongPage(r);
				default -> { }
			}
		}

		/** Comes back when another instance has taken over, and tries to go on as if nothing had been. */
		private void loop(BlockRequest r, boolean burn) {
			while (instances == number) {
				if (burn) Thread.onSpinWait();
				else java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
			}
			domain.complete(r, BlockDomain.OK);
			escaped++;
		}

		/** Half of the pages, then to the disk. */
		private void torn(BlockRequest r) {
			for (int i = 0; i < r.segments() / 2; i++) {
				r.bind(i, domain.map(r, i));
			}
			if (r.op() == BlockOp.FLUSH || r.op() == BlockOp.DISCARD) {
				throw new IllegalStateException("injected");
			}
			domain.submit(r);
		}

		/** Somebody else's page for the first segment. */
		private void wrongPage(BlockRequest r) {
			if (r.segments() < 2) {
				throw new IllegalStateException("injected");
			}
			BlockGrant other = domain.map(r, 1);
			r.bind(0, other);
			domain.submit(r);
		}

		@Override public void completed(BlockRequest r) {
			if (hangs || ill) {
				return;
			}
			known.remove(r);
			if (!bad()) {
				inner.completed(r);
				return;
			}
			switch (pick(Fault.THROW_BEFORE, Fault.THROW_AFTER, Fault.HANG, Fault.LOST_COMPLETION, Fault.DUPLICATE, Fault.WRONG_ID, Fault.WRONG_STATUS)) {
				case THROW_BEFORE -> throw new StackOverflowError("injected");
				case THROW_AFTER -> {
					inner.completed(r);
					throw new IllegalStateException("injected");
				}
				case LOOP -> loop(r, true);
				case DEADLOCK -> loop(r, false);
				case HANG -> hangs = true;
				case DUPLICATE -> {
					inner.completed(r);
					domain.complete(r, BlockDomain.OK);
				}
				case WRONG_ID -> {
					if (known.isEmpty()) {
						throw new IllegalStateException("injected");
					}
					domain.complete(known.get(random.nextInt(known.size())), BlockDomain.OK);
				}
				case WRONG_STATUS -> domain.complete(r, BlockDomain.UNSUPPORTED);
				default -> { }
			}
		}
	}
}
