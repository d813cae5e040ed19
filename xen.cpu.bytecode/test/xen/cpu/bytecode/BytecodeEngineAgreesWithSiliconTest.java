package xen.cpu.bytecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import xen.hw.x86smp.oracle.Agreement;
import xen.hw.x86smp.oracle.Subject;

/** Regions against the same instructions run natively: every block becomes a region at its first execution. */
class BytecodeEngineAgreesWithSiliconTest {

    @BeforeEach
    void needsSilicon() {
        String why = Agreement.unavailable();
        assumeTrue(why == null, "skipped: " + why);
    }

    private static void check(long seed, int step, double seconds) throws IOException {
        Agreement a = new Agreement(new Subject(new BytecodeEngine()).strictly()).run(seed, false, step, seconds);
        assertEquals(0, a.mismatches(), a::summary);
    }

    @Test
    void everyTenthShapeAgrees() throws IOException {
        check(2, 10, 4);
    }

    @Test
    @Tag("slow")
    void everyShapeAndRandomSequencesAgree() throws IOException {
        check(40, 1, 25);
    }
}
