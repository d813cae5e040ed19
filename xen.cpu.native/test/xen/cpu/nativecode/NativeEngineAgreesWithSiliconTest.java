package xen.cpu.nativecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import xen.hw.x86smp.oracle.Agreement;
import xen.hw.x86smp.oracle.NativeCpu;
import xen.hw.x86smp.oracle.Subject;

/** Translated code against the same instructions run natively: every block is translated at its first execution. */
class NativeEngineAgreesWithSiliconTest {

    @BeforeEach
    void needsSilicon() {
        String why = NativeCpu.unavailable();
        assumeTrue(why == null, "skipped: " + why);
    }

    private static void check(long seed, int step, double seconds) throws IOException {
        Agreement a = new Agreement(new Subject(new NativeEngine())).run(seed, false, step, seconds);
        assertEquals(0, a.mismatches(), a::summary);
    }

    @Test
    void everyTenthShapeAgrees() throws IOException {
        check(2, 10, 3);
    }

    @Test
    @Tag("slow")
    void everyShapeAndRandomSequencesAgree() throws IOException {
        check(40, 1, 25);
    }
}
