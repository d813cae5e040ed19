package xen.itest.hostile;

import xen.kernel.api.block.BlockBackend;
import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.BlockRequest;
import xen.kernel.api.block.StartKind;

/** Its first instances do not come back from a request, each in another way; then it works. */
public final class Tireless implements BlockDriver {
	public static final int WAYS = 4;

	private int instances;

	@Override public BlockBackend start(BlockDomain domain, StartKind kind) { return new Instance(domain, instances++); }

	static final class Instance extends Plain {
		private final int way;
		private long rounds;

		Instance(BlockDomain domain, int way) {
			super(domain);
			this.way = way;
		}

		@Override public void request(BlockRequest r) {
			switch (way) {
				case 0 -> loop();
				case 1 -> loopThatCatchesAll();
				case 2 -> recursion(200);
				case 3 -> throw new Endless();
				default -> super.request(r);
			}
		}

		private void loop() {
			while (true) rounds++;
		}

		private void loopThatCatchesAll() {
			while (true) {
				try {
					while (true) rounds++;
				} catch (Throwable t) {
					rounds = 0;
				}
			}
		}

		private long recursion(int n) { return n < 2 ? n : recursion(n - 1) + recursion(n - 2); }
	}

	/** Does not come back when it is asked what it is. */
	static final class Endless extends IllegalStateException {
		private static final long serialVersionUID = 1;

		@Override public String getMessage() {
			while (true) {
				// nothing
			}
		}
	}
}
