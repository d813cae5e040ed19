package xen.hw.x86smp.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import java.util.function.LongBinaryOperator;
import org.junit.jupiter.api.Test;

/** All elements at once against one element at a time. */
class LanesTest {
    private final SplittableRandom random = new SplittableRandom(1);

    private long value() {
        long v = 0;
        for (int i = 0; i < 64; i += 16) {
            long w = switch (random.nextInt(6)) {
                case 0 -> 0;
                case 1 -> 0x8080;
                case 2 -> 0x7fff;
                case 3 -> 0x8000;
                case 4 -> 0xffff;
                default -> random.nextInt();
            };
            v |= (w & 0xffff) << i;
        }
        return v;
    }

    private void same(String name, int bits, Lanes.Fn fn, LongBinaryOperator element) {
        long mask = bits == 64 ? -1 : (1L << bits) - 1;
        for (int n = 0; n < 2000; n++) {
            long a = value(), b = value(), expected = 0;
            for (int i = 0; i < 64; i += bits) {
                expected |= (element.applyAsLong(a << 64 - bits - i >> 64 - bits, b << 64 - bits - i >> 64 - bits) & mask) << i;
            }
            assertEquals(Long.toHexString(expected), Long.toHexString(fn.apply(a, b)), name + " " + Long.toHexString(a) + " " + Long.toHexString(b));
        }
    }

    private static long unsigned(long v, int bits) { return v & (1L << bits) - 1; }

    @Test void sumsAndDifferencesKeepElementsApart() {
        same("paddb", 8, Lanes::paddb, Long::sum);
        same("paddw", 16, Lanes::paddw, Long::sum);
        same("paddd", 32, Lanes::paddd, Long::sum);
        same("psubb", 8, Lanes::psubb, (a, b) -> a - b);
        same("psubw", 16, Lanes::psubw, (a, b) -> a - b);
        same("psubd", 32, Lanes::psubd, (a, b) -> a - b);
    }

    @Test void saturationStopsAtTheBorders() {
        same("paddsb", 8, Lanes::paddsb, (a, b) -> Math.clamp(a + b, -128, 127));
        same("paddsw", 16, Lanes::paddsw, (a, b) -> Math.clamp(a + b, -32768, 32767));
        same("psubsb", 8, Lanes::psubsb, (a, b) -> Math.clamp(a - b, -128, 127));
        same("psubsw", 16, Lanes::psubsw, (a, b) -> Math.clamp(a - b, -32768, 32767));
        same("paddusb", 8, Lanes::paddusb, (a, b) -> Math.min(unsigned(a, 8) + unsigned(b, 8), 255));
        same("paddusw", 16, Lanes::paddusw, (a, b) -> Math.min(unsigned(a, 16) + unsigned(b, 16), 65535));
        same("psubusb", 8, Lanes::psubusb, (a, b) -> Math.max(unsigned(a, 8) - unsigned(b, 8), 0));
        same("psubusw", 16, Lanes::psubusw, (a, b) -> Math.max(unsigned(a, 16) - unsigned(b, 16), 0));
    }

    @Test void comparisonsFillTheElement() {
        same("pcmpeqb", 8, Lanes::pcmpeqb, (a, b) -> a == b ? -1 : 0);
        same("pcmpeqw", 16, Lanes::pcmpeqw, (a, b) -> a == b ? -1 : 0);
        same("pcmpeqd", 32, Lanes::pcmpeqd, (a, b) -> a == b ? -1 : 0);
        same("pcmpgtb", 8, Lanes::pcmpgtb, (a, b) -> a > b ? -1 : 0);
        same("pcmpgtw", 16, Lanes::pcmpgtw, (a, b) -> a > b ? -1 : 0);
        same("pcmpgtd", 32, Lanes::pcmpgtd, (a, b) -> a > b ? -1 : 0);
    }

    @Test void minimaMaximaAveragesAndSigns() {
        same("pminsw", 16, Lanes::pminsw, Math::min);
        same("pmaxsb", 8, Lanes::pmaxsb, Math::max);
        same("pminub", 8, Lanes::pminub, (a, b) -> Math.min(unsigned(a, 8), unsigned(b, 8)));
        same("pmaxud", 32, Lanes::pmaxud, (a, b) -> Math.max(unsigned(a, 32), unsigned(b, 32)));
        same("pavgb", 8, Lanes::pavgb, (a, b) -> unsigned(a, 8) + unsigned(b, 8) + 1 >> 1);
        same("pavgw", 16, Lanes::pavgw, (a, b) -> unsigned(a, 16) + unsigned(b, 16) + 1 >> 1);
        same("pabsb", 8, Lanes::pabsb, (a, b) -> Math.abs(b));
        same("psignw", 16, Lanes::psignw, (a, b) -> a * Long.signum(b));
    }

    @Test void productsAndShifts() {
        same("pmullw", 16, Lanes::pmullw, (a, b) -> a * b);
        same("pmulhw", 16, Lanes::pmulhw, (a, b) -> a * b >> 16);
        same("pmulhuw", 16, Lanes::pmulhuw, (a, b) -> unsigned(a, 16) * unsigned(b, 16) >>> 16);
        same("pmulhrsw", 16, Lanes::pmulhrsw, (a, b) -> (a * b >> 14) + 1 >> 1);
        for (int n = 0; n < 40; n++) {
            int k = n;
            same("psllw", 16, (a, b) -> Lanes.psllw(a, k), (a, b) -> k > 15 ? 0 : a << k);
            same("psrld", 32, (a, b) -> Lanes.psrld(a, k), (a, b) -> k > 31 ? 0 : unsigned(a, 32) >>> k);
            same("psraw", 16, (a, b) -> Lanes.psraw(a, k), (a, b) -> a >> Math.min(k, 15));
        }
    }
}
