package xen.hw.x86smp.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The interpreter against the host's CPU, with a fixed seed. {@code ./xen fuzz cpu} is the same for longer. */
class CpuAgreesWithSiliconTest {

    @BeforeEach
    void needsSilicon() {
        String why = Agreement.unavailable();
        assumeTrue(why == null, "skipped: " + why);
    }

    private static void check(long seed, boolean compat, int step, double seconds) throws IOException {
        Agreement a = new Agreement(Subject.INTERPRETER).run(seed, compat, step, seconds);
        assertTrue(a.executed() > 1000, "only " + a.executed() + " cases in time");
        assertEquals(0, a.mismatches(), a::summary);
    }

    @Test
    void everyTenthShapeAgrees() throws IOException {
        check(1, false, 10, 3);
    }

    @Test
    void undefinedFlagsAreThoseOfTheVendorThatCpuidNames() throws IOException {
        Agreement a = new Agreement(Subject.INTERPRETER.strictly()).run(3, false, 4, 4);
        assertEquals(0, a.mismatches(), a::summary);
    }

    @Test
    @Tag("slow")
    void everyShapeAndRandomSequencesAgree() throws IOException {
        check(20, false, 1, 30);
    }

    @Test
    @Tag("slow")
    void compatibilityModeAgrees() throws IOException {
        check(30, true, 1, 10);
    }
}
