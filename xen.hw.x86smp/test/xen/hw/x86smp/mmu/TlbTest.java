package xen.hw.x86smp.mmu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.Raw;

class TlbTest {
    private static final int KERNEL = 5, OTHER_KERNEL = 7, USER = 6;
    private static final long LOW = 0x40_0000, HIGH = 0xffff_8880_0000_0000L, HOST = 0x7f00_0000_0000L;

    private final Tlb tlb = new Tlb();

    @AfterEach void free() { tlb.free(); }

    private boolean has(long va, int tag, int right) { return Raw.get64(tlb.entry(va) + right) == (va & -4096L | tag); }

    private void fill(long va, int tag, long host) { tlb.fill(va, tag, host, true, true, false); }

    @Test void theLowerHalfOfOneKernelTagIsDroppedAndNothingElse() {
        fill(LOW, KERNEL, HOST);
        fill(LOW + 0x1000, OTHER_KERNEL, HOST);
        fill(LOW + 0x2000, USER, HOST);
        fill(HIGH + 0x3000, KERNEL, HOST);
        fill(LOW + 0x4000, KERNEL, HOST);
        fill(HIGH + 0x4000, KERNEL, HOST);
        tlb.dropLow(KERNEL);
        assertFalse(has(LOW, KERNEL, Tlb.READ) || has(LOW, KERNEL, Tlb.WRITE));
        assertTrue(has(LOW + 0x1000, OTHER_KERNEL, Tlb.READ));
        assertTrue(has(LOW + 0x2000, USER, Tlb.READ));
        assertTrue(has(HIGH + 0x3000, KERNEL, Tlb.READ));
        assertTrue(has(HIGH + 0x4000, KERNEL, Tlb.READ));
        tlb.dropLow(OTHER_KERNEL);
        assertFalse(has(LOW + 0x1000, OTHER_KERNEL, Tlb.READ));
    }

    @Test void kernelModeMayExecuteInTheLowerHalfOnlyWhenItDoes() {
        fill(LOW, KERNEL, HOST);
        assertFalse(has(LOW, KERNEL, Tlb.EXECUTE));
        assertFalse(tlb.hasLowCode(KERNEL));
        assertFalse(tlb.mayHaveExecuted(LOW));
        tlb.fill(LOW, KERNEL, HOST, true, true, true);
        assertTrue(has(LOW, KERNEL, Tlb.EXECUTE));
        assertTrue(tlb.hasLowCode(KERNEL));
        assertFalse(tlb.hasLowCode(OTHER_KERNEL));
        assertTrue(tlb.mayHaveExecuted(LOW));
        fill(LOW + 0x1000, USER, HOST);
        fill(HIGH, KERNEL, HOST);
        assertTrue(has(LOW + 0x1000, USER, Tlb.EXECUTE) && has(HIGH, KERNEL, Tlb.EXECUTE));
    }

    @Test void aFrameIsForgottenUnderEveryTagAndAddress() {
        long twin = HOST + (long) Tlb.FRAMES * 4096;
        fill(LOW, USER, HOST);
        fill(HIGH + 0x5000, KERNEL, HOST);
        fill(HIGH + 0x6000, KERNEL, HOST + 0x1000);
        fill(HIGH + 0x7000, KERNEL, twin);
        tlb.forget(HOST);
        assertFalse(has(LOW, USER, Tlb.READ) || has(HIGH + 0x5000, KERNEL, Tlb.READ));
        assertTrue(has(HIGH + 0x6000, KERNEL, Tlb.READ));
        assertTrue(has(HIGH + 0x7000, KERNEL, Tlb.READ), "a frame with the same note");
        tlb.forget(twin);
        assertFalse(has(HIGH + 0x7000, KERNEL, Tlb.READ), "its note is still there");
        assertEquals(0, Raw.get8(tlb.base + Tlb.LEADS + (HOST >>> 12 & Tlb.FRAMES - 1)));
    }

    @Test void randomFillsAndDropsLeaveNothingBehind() {
        java.util.Random random = new java.util.Random(1);
        for (int i = 0; i < 20_000; i++) {
            long va = (random.nextInt(3) == 0 ? HIGH : LOW) + random.nextInt(4096) * 4096L;
            tlb.fill(va, 1 + random.nextInt(8), HOST + random.nextInt(40_000) * 4096L, random.nextBoolean(), random.nextBoolean(), random.nextBoolean());
            if (i % 10 == 0) {
                long host = HOST + random.nextInt(40_000) * 4096L;
                tlb.forget(host);
                int tag = 1 + 2 * random.nextInt(4);
                tlb.dropLow(tag);
                assertEquals(0, count(host, tag), "after " + i);
            }
        }
    }

    /** Entries that lead to the host page, or are of the tag and in the lower half. */
    private int count(long host, int tag) {
        int n = 0;
        for (long e = tlb.base; e < tlb.base + Tlb.LEADS; e += 32) {
            long t = Raw.get64(e);
            if (t != Tlb.INVALID && ((t & -4096L) + Raw.get64(e + Tlb.ADDEND) == host || t >= 0 && (t & 4095) == tag)) {
                n++;
            }
        }
        return n;
    }
}
