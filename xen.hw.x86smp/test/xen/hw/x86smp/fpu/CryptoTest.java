package xen.hw.x86smp.fpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.Raw;

/** Published vectors of AES, carry-less multiplication and SHA. */
class CryptoTest {
    private final Raw.Area area = Raw.allocate(1024);
    private final long d = area.address(), k = d + 16;

    @AfterEach void free() { area.free(); }

    private static void set(long at, String hex) { Raw.put(at, HexFormat.of().parseHex(hex), 0, hex.length() / 2); }

    private static String get(long at) {
        byte[] b = new byte[16];
        Raw.get(at, b, 0, 16);
        return HexFormat.of().formatHex(b);
    }

    @Test void aesOfFips197() {
        long keys = d + 64;
        set(keys, "000102030405060708090a0b0c0d0e0f");
        int rcon = 1;
        for (int i = 1; i <= 10; i++) {
            long p = keys + 16 * (i - 1), n = p + 16;
            Crypto.aeskeygenassist(k, 0, p, rcon);
            int t = Raw.get32(k + 12);
            for (int w = 0; w < 4; w++) {
                t ^= Raw.get32(p + 4 * w);
                Raw.put32(n + 4 * w, t);
            }
            rcon = rcon << 1 ^ (rcon >> 7) * 0x11b;
        }
        set(d, "00112233445566778899aabbccddeeff");
        for (int i = 0; i < 16; i += 8) {
            Raw.put64(d + i, Raw.get64(d + i) ^ Raw.get64(keys + i));
        }
        for (int i = 1; i < 10; i++) {
            Crypto.aesenc(d, d, keys + 16 * i, 0);
        }
        Crypto.aesenclast(d, d, keys + 160, 0);
        assertEquals("69c4e0d86a7b0430d8cdb78070b4c55a", get(d));
        for (int i = 0; i < 16; i += 8) {
            Raw.put64(d + i, Raw.get64(d + i) ^ Raw.get64(keys + 160 + i));
        }
        for (int i = 9; i > 0; i--) {
            Crypto.aesimc(k, 0, keys + 16 * i, 0);
            Crypto.aesdec(d, d, k, 0);
        }
        Crypto.aesdeclast(d, d, keys, 0);
        assertEquals("00112233445566778899aabbccddeeff", get(d));
    }

    @Test void carryLessProduct() {
        Raw.put64(d, 0x6374_6f72_5d53_475dL);
        Raw.put64(k, 0x5b47_7565_726f_6e5dL);
        Crypto.pclmulqdq(d + 32, d, k, 0);
        assertEquals(0x1d4d_84c8_5c34_40c0L, Raw.get64(d + 40));
        assertEquals(0x9296_33d5_d36f_0451L, Raw.get64(d + 32));
    }

    @Test void sha256OfOneBlockIsJavas() throws Exception {
        byte[] message = "abc".getBytes();
        long w = d + 64;
        Raw.zero(w, 1024 - 64);
        byte[] block = new byte[64];
        System.arraycopy(message, 0, block, 0, 3);
        block[3] = (byte) 0x80;
        block[63] = 24;
        for (int i = 0; i < 16; i++) {
            Raw.put32(w + 4 * i, (block[4 * i] & 255) << 24 | (block[4 * i + 1] & 255) << 16 | (block[4 * i + 2] & 255) << 8 | block[4 * i + 3] & 255);
        }
        for (int i = 16; i < 64; i += 4) {
            long t = w + 4 * i;
            Sha.sha256msg1(t, t - 64, t - 48, 0);
            for (int j = 0; j < 4; j++) {
                Raw.put32(t + 4 * j, Raw.get32(t + 4 * j) + Raw.get32(t - 28 + 4 * j));
            }
            Sha.sha256msg2(t, t, t - 16, 0);
        }
        long abef = d, cdgh = d + 16, wk = d + 32, old = d + 48;
        int[] h = new int[8];
        for (int i = 0; i < 8; i++) {
            h[i] = fraction(prime(i), 0.5);
        }
        put(abef, h[0], h[1], h[4], h[5]);
        put(cdgh, h[2], h[3], h[6], h[7]);
        for (int i = 0; i < 64; i += 2) {
            Raw.put32(wk, Raw.get32(w + 4 * i) + fraction(prime(i), 1.0 / 3));
            Raw.put32(wk + 4, Raw.get32(w + 4 * i + 4) + fraction(prime(i + 1), 1.0 / 3));
            Raw.copy(abef, old, 16);
            Sha.sha256rnds2(cdgh, cdgh, abef, wk);
            Raw.copy(cdgh, abef, 16);
            Raw.copy(old, cdgh, 16);
        }
        int[] v = {Raw.get32(abef + 12), Raw.get32(abef + 8), Raw.get32(cdgh + 12), Raw.get32(cdgh + 8), Raw.get32(abef + 4), Raw.get32(abef),
            Raw.get32(cdgh + 4), Raw.get32(cdgh)};
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            s.append("%08x".formatted(h[i] + v[i]));
        }
        assertEquals(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(message)), s.toString());
    }

    private static void put(long at, int e3, int e2, int e1, int e0) {
        Raw.put32(at, e0);
        Raw.put32(at + 4, e1);
        Raw.put32(at + 8, e2);
        Raw.put32(at + 12, e3);
    }

    private static int prime(int n) {
        int p = 1;
        for (int i = 0; i <= n; i++) {
            do {
                p++;
            } while (!java.math.BigInteger.valueOf(p).isProbablePrime(30));
        }
        return p;
    }

    /** First 32 bits of the fractional part of a root of a small prime. */
    private static int fraction(int p, double power) {
        double root = power == 0.5 ? Math.sqrt(p) : Math.cbrt(p);
        return (int) (long) ((root - Math.floor(root)) * 0x1p32);
    }
}
