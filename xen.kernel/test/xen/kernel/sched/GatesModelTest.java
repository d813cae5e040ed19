package xen.kernel.sched;

import java.util.BitSet;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import xen.kernel.core.CoreLock;

/**
 * Lincheck tries the interleavings of a pCPU that runs its guest with a core that gives a frame another role: the pCPU's one cached
 * translation must be gone before the frame is a page table. The operations are what {@link Dispatcher} and the frame table's flush do
 * around {@link Gates}; a guest that reaches the frame through the old translation would answer 1, which no order of whole operations does.
 */
@Tag("slow")
public class GatesModelTest {
    private final Pcpu pcpu = new Pcpu(0);
    private final CoreLock lock = new CoreLock(true);
    private final Gates gates = new Gates(lock, new Pcpu[] {pcpu});
    private final BitSet all = BitSet.valueOf(new long[] {1});
    /** The guest's page table maps the frame writable; read by page walks without the lock. */
    private volatile boolean mapped = true;
    /** The pCPU's TLB has that translation. */
    private boolean cached = true;
    private volatile boolean table;

    /** The guest stores through the mapping, if its TLB or its page table has one. */
    @Operation(nonParallelGroup = "pcpu") public int guestStores() {
        pcpu.thread = Thread.currentThread();
        int reached = 0;
        if (gates.enter(pcpu)) {
            if (!cached && mapped) {
                cached = true;
            }
            if (cached && table) {
                reached = 1;
            }
        }
        gates.leave(pcpu);
        return reached;
    }

    /** Another vCPU's hypercalls: the page is unmapped without a flush, and pinned. */
    @Operation(nonParallelGroup = "core") public void frameBecomesTable() {
        lock.lock();
        try {
            mapped = false;
            gates.closed(all, () -> cached = false);
            table = true;
        } finally {
            lock.unlock();
        }
    }

    @Operation(nonParallelGroup = "core") public void tableBecomesFrame() {
        lock.lock();
        try {
            table = false;
            mapped = true;
        } finally {
            lock.unlock();
        }
    }

    @Test void noOldTranslationOutlivesTheFramesRole() {
        new ModelCheckingOptions().iterations(5).invocationsPerIteration(3000).threads(2).actorsPerThread(1).actorsBefore(0).actorsAfter(0).check(GatesModelTest.class);
    }
}
