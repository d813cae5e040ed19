package xen.bench.cpu;

import java.util.Locale;
import java.util.function.LongUnaryOperator;

/** The kernels, in the order of the numbers by which the image's {@code run} knows them; each with the same computation in Java. */
enum Kernel {
	CRC(200, HashKernels::crc), SIEVE(230, DataKernels::sieve), SORT(28, DataKernels::sort), SHA(40, HashKernels::sha), LIST(380, DataKernels::list),
	MATRIX(60, FloatKernels::matrix), STATE(140, ControlKernels::state), FIB(900, ControlKernels::fib), STREAM(250, DataKernels::stream),
	INDIRECT(3000, ControlKernels::indirect), STRING(110, DataKernels::string), FP(1400, FloatKernels::fp), WIDE(1200, n -> WideCode.STANDARD.compute(n));

	/** Rounds of about a hundred million instructions. */
	final long rounds;
	private final LongUnaryOperator java;

	Kernel(long rounds, LongUnaryOperator java) {
		this.rounds = rounds;
		this.java = java;
	}

	String title() { return name().toLowerCase(Locale.ROOT); }

	/** Small loops, as opposed to code too wide for any cache of translations. */
	boolean hot() { return this != WIDE; }

	/** What the guest must return. */
	long expected(long n) { return java.applyAsLong(n); }

	/** The generator that all kernels fill their data with (xorshift64). */
	static final class Random {
		private long s = 0x9e3779b97f4a7c15L;

		long next() {
			s ^= s << 13;
			s ^= s >>> 7;
			s ^= s << 17;
			return s;
		}
	}
}
