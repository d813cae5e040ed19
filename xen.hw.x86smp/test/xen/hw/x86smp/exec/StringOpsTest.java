package xen.hw.x86smp.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

class StringOpsTest {
    private static final int RAX = 0, RCX = 1, RSI = 6, RDI = 7;
    private final Guest g = new Guest();

    @AfterEach void close() { g.close(); }

    private void random(long va, int n) {
        Random r = new Random(42);
        for (int i = 0; i < n; i++) {
            Raw.put8(g.host(va + i), r.nextInt(256));
        }
    }

    private void assertSame(long a, long b, int n) {
        for (int i = 0; i < n; i++) {
            assertEquals(Raw.get8(g.host(a + i)), Raw.get8(g.host(b + i)), "byte " + i);
        }
    }

    @Test void aCopyCrossesPagesAtAnyOffset() {
        random(Guest.SMALL + 5, 20_000);
        g.set(RSI, Guest.SMALL + 5).set(RDI, Guest.DATA + 3001).set(RCX, 2500).ok("f3 48 a5");
        assertSame(Guest.SMALL + 5, Guest.DATA + 3001, 20_000);
        assertEquals(0, g.reg(RCX));
        assertEquals(Guest.DATA + 3001 + 20_000, g.reg(RDI));
        assertEquals(1 + 1, g.vcpu.retired());
    }

    @Test void aCopyDownwardsDoesTheSame() {
        random(Guest.SMALL, 9001);
        g.set(RSI, Guest.SMALL + 9000).set(RDI, Guest.DATA + 9500).set(RCX, 9001).ok("fd f3 a4 fc");
        assertSame(Guest.SMALL, Guest.DATA + 500, 9001);
        assertEquals(Guest.SMALL - 1, g.reg(RSI));
    }

    @Test void anOverlappingCopyRepeatsThePattern() {
        Raw.put8(g.host(Guest.DATA), 0xab);
        g.set(RSI, Guest.DATA).set(RDI, Guest.DATA + 1).set(RCX, 5000).ok("f3 a4");
        assertEquals(0xab, Raw.get8(g.host(Guest.DATA + 5000)));
        assertEquals(0, Raw.get8(g.host(Guest.DATA + 5001)));
    }

    @Test void aFaultInTheMiddleCanBeRestarted() {
        random(Guest.DATA, 6000);
        g.map(Guest.SMALL + 4096, 0).set(RSI, Guest.DATA).set(RDI, Guest.SMALL + 96).set(RCX, 6000);
        assertEquals(Exit.EXCEPTION, g.run("f3 a4"));
        assertEquals(14, g.vector());
        assertEquals(Guest.SMALL + 4096, g.vcpu.get64(VcpuContext.EXIT_CR2));
        assertEquals(2000, g.reg(RCX));
        assertEquals(Guest.SMALL + 4096, g.reg(RDI));
        assertEquals(Guest.DATA + 4000, g.reg(RSI));
        assertEquals(0, g.vcpu.retired());
        g.map(Guest.SMALL + 4096, 0x67).ok("f3 a4");
        assertSame(Guest.DATA, Guest.SMALL + 96, 6000);
    }

    @Test void aFaultGoingDownNamesTheElementItMet() {
        g.map(Guest.SMALL, 0).set(RDI, Guest.SMALL + 4096 + 8).set(RCX, 5);
        assertEquals(Exit.EXCEPTION, g.run("fd f3 48 ab"));
        assertEquals(Guest.SMALL + 4088, g.vcpu.get64(VcpuContext.EXIT_CR2));
        assertEquals(3, g.reg(RCX));
    }

    @Test void aScanStopsBehindTheByteItFound() {
        Raw.put8(g.host(Guest.DATA + 5000), 0x55);
        g.set(RAX, 0x55).set(RDI, Guest.DATA).set(RCX, -1).ok("f2 ae");
        assertEquals(Guest.DATA + 5001, g.reg(RDI));
        assertEquals(-1 - 5001, g.reg(RCX));
        assertEquals("PZ", g.flags());
    }

    @Test void aComparisonStopsAtTheDifference() {
        random(Guest.DATA, 9000);
        Raw.copy(g.host(Guest.DATA), g.host(Guest.SMALL + 77), 9000);
        Raw.put8(g.host(Guest.SMALL + 77 + 8000), Raw.get8(g.host(Guest.DATA + 8000)) ^ 1);
        g.set(RSI, Guest.DATA).set(RDI, Guest.SMALL + 77).set(RCX, 9000).ok("f3 a6");
        assertEquals(Guest.DATA + 8001, g.reg(RSI));
        assertEquals(999, g.reg(RCX));
    }

    @Test void aZeroCountTouchesNothing() {
        g.set(RSI, 0x4000_0000).set(RDI, 0x4000_0000).set(RCX, 0).flags(0x8d5).ok("f3 a6");
        assertEquals("CPAZSO", g.flags());
    }

    @Test void aSingleStepTrapsBehindEachIteration() {
        g.set(RDI, Guest.DATA).set(RCX, 3).flags(0x302);
        for (int left = 2; left >= 1; left--) {
            assertEquals(Exit.EXCEPTION, g.run("f3 aa"));
            assertEquals(1, g.vector());
            assertEquals(Guest.CODE, g.vcpu.rip());
            assertEquals(left, g.reg(RCX));
        }
        assertEquals(Exit.EXCEPTION, g.run("f3 aa"));
        assertEquals(Guest.CODE + 2, g.vcpu.rip());
        assertEquals(1, g.vcpu.retired());
    }

    @Test void smallAddressesWrapAndClearTheUpperHalf() {
        g.set(RDI, 0xffff_ffff_0000_0000L | Guest.DATA).set(RCX, 0xffff_ffff_0000_0003L).set(RAX, 0x11).ok("67 f3 aa");
        assertEquals(Guest.DATA + 3, g.reg(RDI));
        assertEquals(0, g.reg(RCX));
        assertEquals(0x111111, Raw.get32(g.host(Guest.DATA)));
    }
}
