package xen.kernel.mm;

import java.util.List;
import java.util.function.LongSupplier;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.Topology;
import xen.kernel.core.TestCore;

/**
 * Several threads change the roles of the same two frames by hypercalls, each under the core's lock as exits are handled: Lincheck wants
 * answers that some order of them explains, and after each run every reference must be accounted for.
 */
@Tag("slow")
@Param(name = "page", gen = IntGen.class, conf = "10:11")
public class FrameTableLinearTest {
    private final TestCore t = new TestCore(2 << 20, new Topology(1, 2, 1));
    private final PvGuest a;

    public FrameTableLinearTest() {
        MmHypercalls.register(t.core.hypercalls, t.core);
        a = new PvGuest(t, 1, 16, 16);
    }

    private long locked(LongSupplier call) {
        t.core.lock.lock();
        try {
            return call.getAsLong();
        } finally {
            t.core.lock.unlock();
        }
    }

    @Operation public long pinAsTable(@Param(name = "page") int page) { return locked(() -> a.pin(1, page)); }

    @Operation public long unpin(@Param(name = "page") int page) { return locked(() -> a.unpin(page)); }

    @Operation public long mapWritable(@Param(name = "page") int page) { return locked(() -> a.updateVa(page, a.entry(page, 7))); }

    @Operation public long mapReadOnly(@Param(name = "page") int page) { return locked(() -> a.updateVa(page, a.entry(page, 5))); }

    @Operation public int role(@Param(name = "page") int page) { return (int) locked(() -> t.core.frames.type((int) a.mfn[page]) << 8 | t.core.frames.typeCount((int) a.mfn[page])); }

    @Validate public void theBooksBalance() { FrameAudit.check(t.core.frames, List.of(a.memory())); }

    @Test void rolesChangeInOneOrderForAll() {
        new StressOptions().iterations(4).invocationsPerIteration(50).threads(3).actorsPerThread(3).actorsBefore(2).actorsAfter(2).check(FrameTableLinearTest.class);
    }
}
