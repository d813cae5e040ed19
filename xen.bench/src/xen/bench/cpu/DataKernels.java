package xen.bench.cpu;

import java.util.Arrays;

/** What {@code sieve}, {@code sort}, {@code list}, {@code stream} and {@code string} of kernels.c return. */
final class DataKernels {
	private DataKernels() {}

	static long sieve(long n) {
		boolean[] composite = new boolean[1 << 16];
		int count = 0;
		for (int i = 2; i < composite.length; i++) {
			if (composite[i]) continue;
			count++;
			for (int k = i + i; k < composite.length; k += i) composite[k] = true;
		}
		long r = 0;
		while (n-- > 0) r = r * 31 + count;
		return r;
	}

	static long sort(long n) {
		var random = new Kernel.Random();
		long r = 0;
		int[] v = new int[1 << 14];
		while (n-- > 0) {
			for (int i = 0; i < v.length; i++) v[i] = (int) random.next() ^ Integer.MIN_VALUE;
			Arrays.sort(v);
			for (int i = 0; i < v.length; i += 1024) r = r * 31 + ((v[i] ^ Integer.MIN_VALUE) & 0xffff_ffffL);
		}
		return r;
	}

	static long list(long n) {
		int count = 2048;
		var random = new Kernel.Random();
		int[] next = new int[count];
		for (int i = 0; i < count; i++) next[i] = i;
		for (int i = count - 1; i > 0; i--) {
			int k = (int) Long.remainderUnsigned(random.next(), i);
			int t = next[i];
			next[i] = next[k];
			next[k] = t;
		}
		long r = 0;
		int p = 0;
		for (long k = n * count * 32; k > 0; k--) {
			r = r * 3 + p;
			p = next[p];
		}
		return r;
	}

	static long stream(long n) {
		int m = 1 << 16;
		long[] v = new long[2 * m];
		for (int i = 0; i < m; i++) v[i] = i;
		long r = 0;
		while (n-- > 0) {
			for (int i = 0; i < m; i++) v[m + i] = v[i] + (v[i] << 2) + n;
			for (int i = 0; i < m; i++) v[i] ^= v[m + i];
			r += v[(int) n & m - 1];
		}
		return r;
	}

	static long string(long n) {
		var random = new Kernel.Random();
		String[] text = new String[4096];
		for (int i = 0; i < text.length; i++) {
			int len = 3 + (int) Long.remainderUnsigned(random.next(), 12);
			StringBuilder b = new StringBuilder();
			for (int k = 0; k < len; k++) b.append("abcd".charAt((int) (random.next() >>> 24) & 3));
			text[i] = b.toString();
		}
		int[] add = new int[text.length];
		for (int i = 0; i < text.length; i++) add[i] = text[i].length() + (text[i].compareTo(text[i + 1 & 4095]) > 0 ? 1 : 0);
		long r = 0;
		while (n-- > 0) for (int i = 0; i < text.length; i++) r = r * 31 + add[i];
		return r;
	}
}
