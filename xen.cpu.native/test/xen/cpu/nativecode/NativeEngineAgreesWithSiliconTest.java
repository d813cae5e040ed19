package xen.cpu.nativecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import xen.hw.x86smp.oracle.Agreement;
import xen.hw.x86smp.oracle.Subject;

/** Translated code against the same instructions run natively: every block is translated at its first execution. */
class NativeEngineAgreesWithSiliconTest {

    @BeforeEach
    void needsSilicon() {
        String why = Agreement.unavailable();
        assumeTrue(why == null, "skipped: " + why);
    }

    private static void check(long seed, int step, double seconds) throws IOException {
        Agreement a = new Agreement(new Subject(new NativeEngine()).strictly()).run(seed, false, step, seconds);
        assertEquals(0, a.mismatches(), a::summary);
    }

    @Test
    void everyTenthShapeAgrees() throws IOException {
        check(2, 10, 3);
    }

    @Test
    void aCallThroughTheSlotThatItsPushOverwritesIsNotRepeated() {
        String text = """
                mode 64
                code ff5500
                in rsp 10010ff0
                in rbp 10010fe5
                in rip 10000100
                end 14 14 0 0
                defined 247dd5 ffff false false
                out rsp 10010fe8
                outdata 10010fe0 0000000000000000030100100000000000000000000000000000000000000000
                """;
        assertEquals(List.of(), Agreement.replay(new Subject(new NativeEngine()), text));
    }

    @Test
    @Tag("slow")
    void everyShapeAndRandomSequencesAgree() throws IOException {
        check(40, 1, 25);
    }
}
