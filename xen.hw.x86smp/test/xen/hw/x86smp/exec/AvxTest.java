package xen.hw.x86smp.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

class AvxTest {
    private static final int RCX = 1, UD = 6, NM = 7, GP = 13, PF = 14;
    private final Guest g = new Guest();

    @AfterEach void close() { g.close(); }

    private AvxTest enabled() {
        g.vcpu.put64(VcpuContext.XCR0, 7);
        return this;
    }

    private static long at(int register, int quadword) { return VcpuContext.VEC + VcpuContext.VEC_STRIDE * (long) register + 8 * quadword; }

    private AvxTest ymm(int register, long... quadwords) {
        for (int i = 0; i < 4; i++) {
            Raw.put64(g.vcpu.base + at(register, i), quadwords[i]);
        }
        return this;
    }

    private void holds(int register, long... quadwords) {
        for (int i = 0; i < 4; i++) {
            assertEquals(quadwords[i], Raw.get64(g.vcpu.base + at(register, i)), "quadword " + i);
        }
    }

    private void faults(int vector, String code) {
        assertEquals(Exit.EXCEPTION, g.run(code));
        assertEquals(vector, g.vector());
    }

    @Test void isUndefinedUntilItsStateIsEnabledAndTheDeviceIsAvailable() {
        faults(UD, "c5f5fec2");
        enabled();
        g.vcpu.put32(VcpuContext.TASK_SWITCHED, 1);
        faults(NM, "c5f5fec2");
    }

    @Test void generalVexInstructionsNeedNoState() { g.ok("c4e270f2c2"); }

    @Test void aWriteOf128BitsClearsTheUpperHalfAndAnSseWriteKeepsIt() {
        enabled().ymm(0, 1, 2, 3, 4).ymm(1, 10, 20, 30, 40);
        g.ok("c5f9d4c1");
        holds(0, 11, 22, 0, 0);
        ymm(0, 1, 2, 3, 4);
        g.ok("660fd4c1");
        holds(0, 11, 22, 3, 4);
    }

    @Test void theDestinationMayBeTheSecondSource() {
        enabled().ymm(1, 1, 2, 3, 4).ymm(2, 10, 20, 30, 40);
        g.ok("c5f5fbd2");
        holds(2, 1 - 10, 2 - 20, 3 - 30, 4 - 40);
    }

    @Test void permutationsCrossLanes() {
        enabled().ymm(1, 1, 2, 3, 4);
        g.ok("c4e3fd00c11b");
        holds(0, 4, 3, 2, 1);
        g.ok("c4e37546c108");
        holds(0, 0, 0, 1, 2);
    }

    @Test void legacyPrefixesInFrontOfVexAndUnusedVvvvAreUndefined() {
        enabled();
        for (String code : new String[] {"66c5f5fec2", "f3c5f5fec2", "48c5f5fec2", "f0c5f5fe01", "c5f16fc1", "c4e26d90c1"}) {
            faults(UD, code);
        }
    }

    @Test void onlyAlignedMovesWantAlignment() {
        enabled();
        g.set(RCX, Guest.DATA + 16).poke(Guest.DATA + 16, "0100000000000000");
        g.ok("c5fe6f01");
        g.ok("c5fdd401");
        faults(GP, "c5fd6f01");
        g.ok("c5f96f01");
        holds(0, 1, 0, 0, 0);
    }

    @Test void aMaskedLoadTouchesOnlyWhatIsSelected() {
        enabled().ymm(1, Long.MIN_VALUE, 0, 0, 0);
        g.map(Guest.SMALL + 4096, 0).set(RCX, Guest.SMALL + 4088).poke(Guest.SMALL + 4088, "0700000000000000");
        g.ok("c4e2f58c01");
        holds(0, 7, 0, 0, 0);
        ymm(1, Long.MIN_VALUE, Long.MIN_VALUE, 0, 0);
        faults(PF, "c4e2f58c01");
    }

    @Test void aGatherThatFaultsKeepsWhatItLoaded() {
        enabled().ymm(1, 0, 1, 0, 0).ymm(2, -1, -1, -1, -1).ymm(0, 5, 5, 5, 5);
        g.map(Guest.SMALL + 4096, 0).set(RCX, Guest.SMALL + 4088).poke(Guest.SMALL + 4088, "0700000000000000");
        faults(PF, "c4e2ed9104c9");
        holds(0, 7, 5, 5, 5);
        holds(2, 0, -1, -1, -1);
    }

    @Test void aFusedMultiplyAddRoundsOnce() {
        long x = Double.doubleToRawLongBits(1 + 0x1p-30), z = Double.doubleToRawLongBits(-1 - 0x1p-29);
        enabled().ymm(0, x, 0, 9, 9).ymm(1, x, 0, 0, 0).ymm(2, z, 0, 0, 0);
        g.ok("c4e2f1a9c2");
        holds(0, Double.doubleToRawLongBits(0x1p-60), 0, 0, 0);
    }

    @Test void halvesAreRoundedByTheImmediate() {
        enabled().ymm(1, Float.floatToRawIntBits(1 + 0x1p-11f) | (long) Float.floatToRawIntBits(65520) << 32, 0, 0, 0);
        g.ok("c4e3791dc802");
        holds(0, 0x7c00_3c01L, 0, 0, 0);
        g.ok("c4e27913c0");
        holds(0, 0x7f80_0000L << 32 | Float.floatToRawIntBits(1 + 0x1p-10f), 0, 0, 0);
    }
}
