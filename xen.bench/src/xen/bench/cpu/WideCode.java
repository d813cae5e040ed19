package xen.bench.cpu;

import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Generated code that is wide, not hot: functions that differ from each other, each called once a round through a table. The same list of
 * statements is written as C and computed in Java.
 */
final class WideCode {
	static final WideCode STANDARD = new WideCode(1500, 14, 1);

	private static final int KINDS = 8, CELLS = 64;

	/** One statement: what it does, a constant, an index or bit number. */
	private record Statement(int kind, int constant, int index) {
		String c() {
			String k = String.format(Locale.ROOT, "%du", constant), bit = String.format(Locale.ROOT, "%dull", 1L << index / 2);
			return switch (kind) {
				case 0 -> "x += y * " + k + ";";
				case 1 -> "y ^= x >> " + (index / 2 + 1) + ";";
				case 2 -> "if (x & " + bit + ") y += " + k + "; else y ^= x;";
				case 3 -> "m[" + index + "] += x;";
				case 4 -> "y += m[" + index + "];";
				case 5 -> "x ^= (u64)((u32)y * " + k + ");";
				case 6 -> "if (y > x) x -= " + k + ";";
				default -> "for (int i = 0; i < " + (index / 16 + 2) + "; i++) { y = y * 5 + i; x ^= y; }";
			};
		}
	}

	private final Statement[][] functions;

	WideCode(int count, int length, long seed) {
		var random = new SplittableRandom(seed);
		functions = new Statement[count][length];
		for (Statement[] f : functions) {
			for (int i = 0; i < length; i++) f[i] = new Statement(random.nextInt(KINDS), random.nextInt(1, Integer.MAX_VALUE), random.nextInt(CELLS));
		}
	}

	String c() {
		StringBuilder s = new StringBuilder("#include <stdint.h>\ntypedef uint64_t u64;\ntypedef uint32_t u32;\n");
		for (int f = 0; f < functions.length; f++) {
			s.append("static __attribute__((noinline)) u64 f").append(f).append("(u64 x, u64 *m) {\n    u64 y = ~x;\n");
			for (Statement t : functions[f]) s.append("    ").append(t.c()).append('\n');
			s.append("    return x + y;\n}\n");
		}
		s.append("static u64 (*const volatile table[])(u64, u64 *) = {");
		for (int f = 0; f < functions.length; f++) s.append('f').append(f).append(',');
		return s.append("};\nu64 wide(u64 n) {\n    static u64 m[64];\n    u64 x = 1;\n    for (int i = 0; i < 64; i++)\n        m[i] = i;\n")
				.append("    while (n--)\n        for (int i = 0; i < ").append(functions.length).append("; i++)\n            x = table[i](x, m);\n    return x;\n}\n").toString();
	}

	long compute(long n) {
		long[] m = new long[CELLS];
		for (int i = 0; i < CELLS; i++) m[i] = i;
		long x = 1;
		while (n-- > 0) for (Statement[] f : functions) x = call(f, x, m);
		return x;
	}

	private static long call(Statement[] function, long x, long[] m) {
		long y = ~x;
		for (Statement t : function) {
			long k = t.constant;
			switch (t.kind) {
				case 0 -> x += y * k;
				case 1 -> y ^= x >>> t.index / 2 + 1;
				case 2 -> {
					if ((x & 1L << t.index / 2) != 0) y += k;
					else y ^= x;
				}
				case 3 -> m[t.index] += x;
				case 4 -> y += m[t.index];
				case 5 -> x ^= (y * k) & 0xffff_ffffL;
				case 6 -> {
					if (Long.compareUnsigned(y, x) > 0) x -= k;
				}
				default -> {
					for (int i = 0; i < t.index / 16 + 2; i++) {
						y = y * 5 + i;
						x ^= y;
					}
				}
			}
		}
		return x + y;
	}
}
