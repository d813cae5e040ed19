package xen.bench.cpu;

import java.util.zip.CRC32;

/** What {@code crc} and {@code sha} of kernels.c return. */
final class HashKernels {
	private static final int[] K = new int[64];

	static {
		// SHA-256's constants: 32 bits of the fractions of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2)
		int found = 0;
		for (int p = 2; found < 64; p++) {
			boolean prime = true;
			for (int d = 2; d * d <= p; d++) prime &= p % d != 0;
			if (prime) K[found++] = fraction(p);
		}
	}

	private HashKernels() {}

	private static int fraction(int p) {
		var root = java.math.BigInteger.valueOf(p).shiftLeft(96);
		var low = java.math.BigInteger.ZERO;
		for (int bit = 36; bit >= 0; bit--) {
			var t = low.setBit(bit);
			if (t.pow(3).compareTo(root) <= 0) low = t;
		}
		return low.intValue();
	}

	static byte[] data() {
		var random = new Kernel.Random();
		byte[] bytes = new byte[1 << 16];
		for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) (random.next() >>> 24);
		return bytes;
	}

	static long crc(long n) {
		CRC32 crc = new CRC32();
		byte[] bytes = data();
		while (n-- > 0) crc.update(bytes);
		return crc.getValue();
	}

	static long sha(long n) {
		int[] h = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
		byte[] bytes = data();
		int[] w = new int[64];
		while (n-- > 0) for (int i = 0; i < bytes.length; i += 64) compress(h, bytes, i, w);
		return (long) h[0] << 32 | h[7] & 0xffff_ffffL;
	}

	private static void compress(int[] h, byte[] p, int at, int[] w) {
		for (int i = 0; i < 16; i++) w[i] = p[at + 4 * i] << 24 | (p[at + 4 * i + 1] & 255) << 16 | (p[at + 4 * i + 2] & 255) << 8 | p[at + 4 * i + 3] & 255;
		for (int i = 16; i < 64; i++) {
			int x = w[i - 15], y = w[i - 2];
			w[i] = w[i - 16] + (Integer.rotateRight(x, 7) ^ Integer.rotateRight(x, 18) ^ x >>> 3) + w[i - 7] + (Integer.rotateRight(y, 17) ^ Integer.rotateRight(y, 19) ^ y >>> 10);
		}
		int[] v = h.clone();
		for (int i = 0; i < 64; i++) {
			int e = v[4], a = v[0];
			int t1 = v[7] + (Integer.rotateRight(e, 6) ^ Integer.rotateRight(e, 11) ^ Integer.rotateRight(e, 25)) + (e & v[5] ^ ~e & v[6]) + K[i] + w[i];
			int t2 = (Integer.rotateRight(a, 2) ^ Integer.rotateRight(a, 13) ^ Integer.rotateRight(a, 22)) + (a & v[1] ^ a & v[2] ^ v[1] & v[2]);
			System.arraycopy(v, 0, v, 1, 7);
			v[4] += t1;
			v[0] = t1 + t2;
		}
		for (int i = 0; i < 8; i++) h[i] += v[i];
	}
}
