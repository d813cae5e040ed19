package xen.bench.cpu;

/** What {@code state}, {@code fib} and {@code indirect} of kernels.c return. */
final class ControlKernels {
	private ControlKernels() {}

	static long state(long n) {
		var random = new Kernel.Random();
		char[] text = new char[1 << 16];
		for (int i = 0; i < text.length; i++) text[i] = "ab1 /*\n.".charAt((int) (random.next() >>> 24) & 7);
		int words = 0, numbers = 0, comments = 0, lines = 0, st = 0;
		for (char ch : text) {
			boolean letter = ch == 'a' || ch == 'b';
			switch (st) {
				case 0 -> {
					st = letter ? 1 : ch == '1' ? 2 : ch == '/' ? 3 : 0;
					if (ch == '\n') lines++;
				}
				case 1 -> {
					if (!letter && ch != '1') {
						words++;
						st = ch == '/' ? 3 : 0;
					}
				}
				case 2 -> {
					if (ch != '1' && ch != '.') {
						numbers++;
						st = ch == 'a' ? 6 : 0;
					}
				}
				case 3 -> st = ch == '*' ? 4 : ch == '/' ? 3 : ch == 'a' ? 1 : 0;
				case 4 -> st = ch == '*' ? 5 : 4;
				case 5 -> {
					if (ch == '/') {
						comments++;
						st = 0;
					} else if (ch != '*') {
						st = 4;
					}
				}
				default -> st = ch == ' ' ? 0 : ch == '1' ? 2 : 6;
			}
		}
		long r = 0;
		while (n-- > 0) r = r * 31 + words + numbers * 3 + comments * 7 + lines * 11;
		return r;
	}

	static long fib(long n) {
		long r = 0;
		while (n-- > 0) r = r * 31 + 6765;
		return r;
	}

	static long indirect(long n) {
		var random = new Kernel.Random();
		long x = 0x9e3779b97f4a7c15L;
		int[] order = new int[4096];
		for (int i = 0; i < order.length; i++) order[i] = i < 64 ? (int) (random.next() >>> 24) & 7 : order[i - 64];
		while (n-- > 0) {
			for (int f : order) {
				x = switch (f) {
					case 0 -> x + 1;
					case 1 -> x * 3;
					case 2 -> x ^ x >>> 7;
					case 3 -> Long.rotateLeft(x, 5);
					case 4 -> x - 0x1234567;
					case 5 -> ~x;
					case 6 -> x ^ 0x5555;
					default -> x + (x << 3);
				};
			}
		}
		return x;
	}
}
