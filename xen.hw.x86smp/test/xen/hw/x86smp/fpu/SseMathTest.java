package xen.hw.x86smp.fpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.VcpuContext;

/** MXCSR's rules, on values whose results are known. */
class SseMathTest {
    private static final int DEFAULT = 0x1f80, DAZ = 0x40, FTZ = 0x8000, DOWN = 0x2000, UP = 0x4000, CHOP = 0x6000;
    private static final long SNAN = 0x7ff0_0000_0000_0001L;
    private final VcpuContext context = new VcpuContext();
    private final SseMath math = new SseMath();

    @AfterEach void free() { context.close(); }

    private long run(int mxcsr, int op, long x, long y) {
        context.put32(VcpuContext.MXCSR, mxcsr);
        math.begin(context.base);
        long r = math.op64(op, x, y);
        math.end(context.base);
        return r;
    }

    private int flags() { return context.get32(VcpuContext.MXCSR) & 0x3f; }
    private static long bits(double d) { return Double.doubleToRawLongBits(d); }

    @Test void theExactWayGivesWhatTheHostGives() {
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 200_000; i++) {
            long x = random.nextLong(), y = i % 2 == 0 ? random.nextLong() : x ^ random.nextLong() >>> random.nextInt(64);
            double p = Double.longBitsToDouble(x), q = Double.longBitsToDouble(y);
            if (Double.isNaN(p) || Double.isNaN(q)) {
                continue;
            }
            double[] expected = {p + q, p * q, p - q, 0, p / q, 0, Math.sqrt(q)};
            for (int op : new int[] {SseMath.ADD, SseMath.SUB, SseMath.MUL, SseMath.DIV, SseMath.SQRT}) {
                long got = run(DEFAULT, op, x, y);
                if (!Double.isNaN(expected[op])) {
                    assertEquals(Long.toHexString(bits(expected[op])), Long.toHexString(got), op + " of " + p + ", " + q);
                }
            }
        }
    }

    @Test void directedRoundingEnclosesTheExactResult() {
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 20_000; i++) {
            double p = random.nextDouble() * 1e9 - 5e8, q = random.nextDouble() * 1e3 - 500;
            BigDecimal exact = new BigDecimal(p).multiply(new BigDecimal(q));
            double lo = Double.longBitsToDouble(run(DEFAULT | DOWN, SseMath.MUL, bits(p), bits(q)));
            double hi = Double.longBitsToDouble(run(DEFAULT | UP, SseMath.MUL, bits(p), bits(q)));
            double cut = Double.longBitsToDouble(run(DEFAULT | CHOP, SseMath.MUL, bits(p), bits(q)));
            assertTrue(new BigDecimal(lo).compareTo(exact) <= 0 && new BigDecimal(hi).compareTo(exact) >= 0);
            assertEquals(exact.signum() < 0 ? hi : lo, cut);
            assertTrue(lo == hi || Math.nextUp(lo) == hi);
        }
    }

    @Test void flagsBecomeStickyAndNothingElseIsRaised() {
        run(DEFAULT, SseMath.ADD, bits(1), bits(2));
        assertEquals(0, flags());
        run(DEFAULT, SseMath.DIV, bits(1), bits(3));
        assertEquals(SoftFloat.PE, flags());
        run(DEFAULT, SseMath.DIV, bits(1), bits(0.0));
        assertEquals(SoftFloat.ZE, flags());
        assertEquals(bits(Double.POSITIVE_INFINITY), run(DEFAULT, SseMath.MUL, bits(1e300), bits(1e300)));
        assertEquals(SoftFloat.OE | SoftFloat.PE, flags());
        run(DEFAULT, SseMath.MUL, bits(1e-300), bits(1e-300));
        assertEquals(SoftFloat.UE | SoftFloat.PE, flags());
        run(DEFAULT, SseMath.ADD, 1, bits(0));
        assertEquals(SoftFloat.DE, flags());
    }

    @Test void denormalsAreZerosAndFlushToZero() {
        assertEquals(0, run(DEFAULT | DAZ, SseMath.ADD, 1, 2));
        assertEquals(0, flags());
        assertEquals(3, run(DEFAULT, SseMath.ADD, 1, 2));
        assertEquals(Long.MIN_VALUE, run(DEFAULT | FTZ, SseMath.MUL, bits(-1e-200), bits(1e-200)));
        assertEquals(SoftFloat.UE | SoftFloat.PE, flags());
    }

    @Test void theFirstNanOperandWinsAndIsQuieted() {
        assertEquals(SNAN | 1L << 51, run(DEFAULT, SseMath.ADD, SNAN, bits(Double.NaN) | 7));
        assertEquals(SoftFloat.IE, flags());
        assertEquals(bits(Double.NaN) | 7, run(DEFAULT, SseMath.ADD, bits(1), bits(Double.NaN) | 7));
        assertEquals(0, flags());
        assertEquals(0xfff8L << 48, run(DEFAULT, SseMath.SUB, bits(Double.POSITIVE_INFINITY), bits(Double.POSITIVE_INFINITY)));
        assertEquals(SoftFloat.IE, flags());
    }

    @Test void minAndMaxGiveTheSecondOperandWhenInDoubt() {
        assertEquals(bits(-0.0), run(DEFAULT, SseMath.MIN, bits(0.0), bits(-0.0)));
        assertEquals(bits(0.0), run(DEFAULT, SseMath.MAX, bits(-0.0), bits(0.0)));
        assertEquals(bits(3), run(DEFAULT, SseMath.MIN, bits(Double.NaN), bits(3)));
        assertEquals(SNAN, run(DEFAULT, SseMath.MAX, bits(3), SNAN));
    }

    @Test void anUnmaskedExceptionForbidsTheResult() {
        context.put32(VcpuContext.MXCSR, DEFAULT & ~(SoftFloat.ZE << 7));
        math.begin(context.base);
        math.op64(SseMath.DIV, bits(1), bits(3));
        math.op64(SseMath.DIV, bits(1), bits(0));
        assertFalse(math.end(context.base));
        assertEquals(SoftFloat.ZE, flags(), "found before the computation: the other element's PE is not reported");
    }

    @Test void conversionsOutOfRangeAreIndefinite() {
        context.put32(VcpuContext.MXCSR, DEFAULT);
        math.begin(context.base);
        assertEquals(Integer.MIN_VALUE, math.toInteger64(bits(2147483648.0), 32, true));
        assertEquals(Long.MIN_VALUE, math.toInteger64(bits(Double.NaN), 64, false));
        math.end(context.base);
        assertEquals(SoftFloat.IE, flags());
        math.begin(context.base);
        assertEquals(Integer.MIN_VALUE, math.toInteger64(bits(-2147483648.5), 32, true));
        assertEquals(2, math.toInteger64(bits(2.5), 32, false));
        assertEquals(4, math.toInteger64(bits(3.5), 32, false));
        assertEquals(-2, math.toInteger64(bits(-2.9), 64, true));
    }
}
