package xen.bench.cpu;

/** What {@code matrix} and {@code fp} of kernels.c return: Java's arithmetic is IEEE 754's, as SSE2's is. */
final class FloatKernels {
	private FloatKernels() {}

	static long matrix(long n) {
		var random = new Kernel.Random();
		int m = 64;
		double[] a = new double[m * m], b = new double[m * m], c = new double[m * m];
		for (int i = 0; i < m * m; i++) {
			a[i] = (double) (random.next() & 0xffff) / 65536;
			b[i] = (double) (random.next() & 0xffff) / 65536;
		}
		double r = 0;
		while (n-- > 0) {
			for (int i = 0; i < m; i++) {
				for (int k = 0; k < m; k++) {
					double t = 0;
					for (int j = 0; j < m; j++) t += a[i * m + j] * b[j * m + k];
					c[i * m + k] = t;
				}
			}
			r += c[(int) (n * 67) & 4095];
			a[(int) n & 4095] = c[(int) (n * 31) & 4095] / 32;
		}
		return Double.doubleToRawLongBits(r);
	}

	static long fp(long n) {
		double x = 0.3, y = 2, sum = 0;
		while (n-- > 0) {
			for (int i = 0; i < 4096; i++) {
				x = 3.9 * x * (1 - x);
				y = 0.5 * (y + (x + 1) / y);
				if (y > 1.2) sum += y;
				else sum -= x;
			}
		}
		return Double.doubleToRawLongBits(sum);
	}
}
