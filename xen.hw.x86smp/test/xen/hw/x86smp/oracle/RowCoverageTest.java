package xen.hw.x86smp.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RowCoverageTest {
    @Test void everyRowOfTheTableIsGeneratedOrLeftOutOnPurpose() {
        assertEquals(Set.of(), new RowCoverage(false).unknown());
        assertEquals(Set.of(), new RowCoverage(true).unknown());
    }

    @Test void aRestrictedRunMissesNothingOfWhatItIsRestrictedTo() throws Exception {
        assumeTrue(NativeCpu.unavailable() == null, "skipped: " + NativeCpu.unavailable());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ShapeFilter adds = new ShapeFilter("add", false);
        long bad = new FuzzRun(Subject.INTERPRETER, new PrintStream(out, true), null, true).run(1, false, 2, adds);
        assertEquals(0, bad, out::toString);
        assertTrue(out.toString().contains(" 0 left out on purpose, 0 never generated"), out::toString);
        assertTrue(!out.toString().contains("VFMADD"), out::toString);
    }
}
