package xen.hw.x86smp.oracle;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import xen.hw.x86smp.X86Smp;

/** The interpreter against the host's CPU, with a fixed seed. {@code ./xen fuzz cpu} is the same for longer. */
class CpuAgreesWithSiliconTest {
    private static final int SHOWN = 12;

    private final List<Mismatch> mismatches = new ArrayList<>();
    private long executed;

    @BeforeEach
    void needsSilicon() {
        String why = NativeCpu.unavailable();
        assumeTrue(why == null, "skipped: " + why);
    }

    private void run(long seed, boolean compat, int step, double seconds) throws IOException {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        try (Differential d = new Differential(new X86Smp(), seed, compat, s -> true)) {
            d.sweep(step, () -> System.nanoTime() < end, mismatches::add);
            d.random(() -> System.nanoTime() < end, mismatches::add);
            executed = d.executed();
        }
        assertTrue(executed > 1000, "only " + executed + " cases in time");
        assertTrue(mismatches.isEmpty(), this::summary);
    }

    private String summary() {
        StringBuilder s = new StringBuilder(mismatches.size() + " mismatches in " + executed + " cases\n");
        Listing listing = new Listing();
        for (Mismatch m : mismatches.subList(0, Math.min(SHOWN, mismatches.size()))) {
            s.append(m.title()).append('\n').append(listing.text(m.test().code(), m.test().start().rip, m.test().compat()));
            m.lines().forEach(l -> s.append("    ").append(l).append('\n'));
        }
        return s.toString();
    }

    @Test
    void everyTenthShapeAgrees() throws IOException {
        run(1, false, 10, 3);
    }

    @Test
    @Tag("slow")
    void everyShapeAndRandomSequencesAgree() throws IOException {
        run(20, false, 1, 30);
    }

    @Test
    @Tag("slow")
    void compatibilityModeAgrees() throws IOException {
        run(30, true, 1, 10);
    }
}
