package xen.hw.x86smp.fpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** The register stack and its arithmetic in 80 bits. */
class X87Test {
    private final VcpuContext context = new VcpuContext();
    private final long r = context.base;
    private final Raw.Area memory = Raw.allocate(512);
    private final long m = memory.address();
    private final X87 x = new X87();

    @AfterEach void free() {
        context.close();
        memory.free();
    }

    private void load(double d) {
        Raw.put64(m, Double.doubleToRawLongBits(d));
        x.load(r, m, X87.F64);
    }

    private double store() {
        x.store(r, m, X87.F64, false, true);
        return Double.longBitsToDouble(Raw.get64(m));
    }

    private int status() { return Raw.get16(r + VcpuContext.FSW); }
    private long significand(int i) { return Raw.get64(X87Stack.st(r, i)); }

    private BigDecimal exact(int i) {
        BigDecimal v = new BigDecimal(Series.unsigned(significand(i)));
        int e = (Raw.get16(X87Stack.st(r, i) + 8) & 0x7fff) - 16383 - 63;
        BigDecimal two = BigDecimal.TWO;
        return e >= 0 ? v.multiply(two.pow(e)) : v.divide(two.pow(-e));
    }

    @Test void aNinthPushIsAStackFault() {
        for (int i = 0; i < 8; i++) {
            load(i);
        }
        assertEquals(0, status() & 0x7f);
        load(8);
        assertEquals(SoftFloat.IE | X87Stack.SF | X87Stack.C1, status() & 0x27f);
        assertTrue(Double.isNaN(store()));
        assertEquals(7, store());
    }

    @Test void poppingAnEmptyStackIsAnUnderflow() {
        assertTrue(Double.isNaN(store()));
        assertEquals(SoftFloat.IE | X87Stack.SF, status() & 0x27f);
    }

    @Test void anUnmaskedExceptionIsSummarisedAndKeepsTheOperands() {
        X87.loadControl(r, 0x37b);
        load(1);
        load(0);
        x.arithmetic(r, X87.DIV, 1, 0, true);
        assertEquals(X87Stack.ES | X87Stack.BUSY | SoftFloat.ZE, status() & 0x80ff);
        assertEquals(0, store());
        X87.loadControl(r, 0x37f);
        assertEquals(0, status() & X87Stack.ES);
    }

    @Test void quotientsAndRootsAreCorrectlyRounded() {
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < 5_000; i++) {
            double p = random.nextDouble() * 1e6 + 1, q = random.nextDouble() * 100 + 1e-3;
            load(p);
            load(q);
            x.arithmetic(r, X87.DIV, 1, 0, true);
            nearest(exact(0).multiply(new BigDecimal(q)).subtract(new BigDecimal(p)).abs(), new BigDecimal(q));
            store();
            load(p);
            x.sqrt(r);
            nearest(exact(0).pow(2).subtract(new BigDecimal(p)).abs(), exact(0).multiply(BigDecimal.TWO));
            store();
        }
    }

    /** {@code error / slope} is at most half a unit in the last place of ST(0). */
    private void nearest(BigDecimal error, BigDecimal slope) {
        BigDecimal ulp = exact(0).divide(new BigDecimal(Series.unsigned(significand(0))));
        assertTrue(error.compareTo(ulp.divide(BigDecimal.TWO).multiply(slope).multiply(new BigDecimal("1.0000000001"))) <= 0);
    }

    @Test void precisionControlRoundsToDouble() {
        X87.loadControl(r, 0x27f);
        load(1);
        load(3);
        x.arithmetic(r, X87.DIV, 1, 0, true);
        assertEquals(0, significand(0) & 0x7ff);
        assertEquals(1.0 / 3, store());
    }

    @Test void decimalGoesInAndOut() {
        Raw.put64(m, 0x0012_3456_7890_1234L);
        Raw.put16(m + 8, 0x8098);
        x.load(r, m, X87.BCD);
        assertEquals(0, Raw.get16(r + VcpuContext.FSW) & 0x3f);
        x.store(r, m + 16, X87.BCD, false, true);
        assertEquals(0x0012_3456_7890_1234L, Raw.get64(m + 16));
        assertEquals(0x8098, Raw.get16(m + 24));
    }

    @Test void remainderIsExactAndTellsTheQuotientsLowBits() {
        load(3);
        load(17);
        x.remainder(r, false);
        assertEquals(X87Stack.C0 | X87Stack.C1, status() & (X87Stack.CC | X87Stack.C1), "quotient 5 is C1 and C0");
        assertEquals(2, store());
    }

    @Test void remainderReducesHugeNumbersInSteps() {
        double y = 1.1;
        load(y);
        load(0x1.2345678p900);
        int steps = 0;
        do {
            x.remainder(r, false);
            steps++;
        } while ((status() & X87Stack.C2) != 0 && steps < 100);
        BigInteger unit = BigInteger.TWO.pow(52);
        BigInteger divisor = new BigDecimal(y).multiply(new BigDecimal(unit)).toBigIntegerExact();
        BigInteger rest = new BigDecimal(0x1.2345678p900).toBigIntegerExact().multiply(unit).mod(divisor);
        assertEquals(0, new BigDecimal(rest).divide(new BigDecimal(unit)).compareTo(exact(0)));
    }

    @Test void elementaryFunctionsAgreeWithJava() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 300; i++) {
            double v = random.nextDouble() * 6 - 3, w = random.nextDouble() * 2 - 1, p = random.nextDouble() * 100 + 1e-6;
            load(v);
            x.sin(r);
            assertEquals(Math.sin(v), store(), 1e-15);
            load(v);
            x.cos(r);
            assertEquals(Math.cos(v), store(), 1e-15);
            load(v);
            x.tan(r);
            assertEquals(1, store());
            assertEquals(Math.tan(v), store(), 1e-12 * Math.max(1, Math.abs(Math.tan(v))));
            load(v);
            load(w);
            x.atan(r);
            assertEquals(Math.atan2(v, w), store(), 1e-15);
            load(w);
            x.exp2m1(r);
            assertEquals(Math.expm1(w * Math.log(2)), store(), 1e-15);
            load(1);
            load(p);
            x.yl2x(r);
            assertEquals(Math.log(p) / Math.log(2), store(), 1e-14);
            load(1);
            load(w / 4);
            x.yl2xp1(r);
            assertEquals(Math.log1p(w / 4) / Math.log(2), store(), 1e-15);
        }
        assertEquals(0, status() & 0x3800, "every function left the stack as deep as it should");
    }

    @Test void powersOfTwoHaveExactLogarithms() {
        load(3);
        load(0x1p-70);
        x.yl2x(r);
        assertEquals(0, status() & SoftFloat.PE);
        assertEquals(-210, store());
    }

    @Test void constantsFollowTheRoundingMode() {
        x.loadConstant(r, 3);
        assertEquals(0xc90f_daa2_2168_c235L, significand(0));
        X87.loadControl(r, 0x77f);
        x.loadConstant(r, 3);
        assertEquals(0xc90f_daa2_2168_c234L, significand(0));
    }

    @Test void examineTellsTheClass() {
        x.examine(r);
        assertEquals(X87Stack.C3 | X87Stack.C0, status() & X87Stack.CC);
        load(-1);
        x.examine(r);
        assertEquals(X87Stack.C2 | X87Stack.C1, status() & (X87Stack.CC | X87Stack.C1));
        load(Double.NaN);
        x.examine(r);
        assertEquals(X87Stack.C0, status() & X87Stack.CC);
    }

    @Test void savingAndRestoringIsTheIdentity() {
        load(1.5);
        load(-2.5);
        Raw.zero(m, 512);
        X87State.fxsave(r, m, true);
        byte[] image = new byte[160], again = new byte[160];
        Raw.get(m, image, 0, 160);
        assertEquals(1, X87State.inUse(r));
        X87State.initX87(r);
        assertEquals(0, X87State.inUse(r));
        X87State.fxrstor(r, m, true);
        Raw.zero(m, 512);
        X87State.fxsave(r, m, true);
        Raw.get(m, again, 0, 160);
        assertArrayEquals(image, again);
        assertEquals(-2.5, store());
        X87State.storeEnvironment(r, m, true);
        X87State.storeRegisters(r, m + 28);
        X87.init(r);
        X87State.loadEnvironment(r, m, true);
        X87State.loadRegisters(r, m + 28);
        assertEquals(1.5, store());
    }
}
