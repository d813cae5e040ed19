package xen.toolstack.diff;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.BrokenBarrierException;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * Where two machines meet: each side's CPU reports its state behind every slice, the second to come compares. Ends at the first
 * difference or at a number of instructions; then both sides run on freely until their machines are switched off.
 *
 * <p>{@link #meet} is called on the two machine threads, the rest by the command's.
 */
final class Lockstep {
    /** A difference: the states of both sides before the slice (they agreed) and behind it. */
    record Difference(Snapshot before, Snapshot left, Snapshot right, List<String> lines) {}

    private static final long MEMORY_EVERY = 25_000_000;

    private final long limit;
    /** Slices are {@code coarse} instructions up to {@code fineFrom}, {@code fine} from there. */
    private final long coarse, fine, fineFrom;
    private final CyclicBarrier arrival = new CyclicBarrier(2, this::compare);
    private final Snapshot[] now = new Snapshot[2];
    private final MachineMemory[] memory = new MachineMemory[2];
    private final CountDownLatch over = new CountDownLatch(1);
    private Snapshot agreed;
    private long nextMemory = MEMORY_EVERY;
    private volatile boolean done;
    private volatile Difference difference;

    Lockstep(long limit, long coarse, long fine, long fineFrom) {
        this.limit = limit;
        this.coarse = coarse;
        this.fine = fine;
        this.fineFrom = fineFrom;
    }

    void memory(int side, MachineMemory m) { memory[side] = m; }

    long slice(VcpuContext v) { return v.retired() < fineFrom ? Math.min(coarse, fineFrom - v.retired()) : fine; }

    boolean running() { return !done; }

    /** One side stopped with {@code exit}; returns when both did and were compared. */
    void meet(int side, VcpuContext v, int exit) {
        if (done) {
            return;
        }
        now[side] = new Snapshot(v, exit);
        try {
            arrival.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop();
        } catch (BrokenBarrierException e) {
            done = true;
        }
    }

    private void compare() {
        List<String> lines = now[0].differences(now[1]);
        if (lines.isEmpty() && now[0].retired >= nextMemory) {
            nextMemory = now[0].retired + MEMORY_EVERY;
            lines = memoryDifferences();
        }
        if (!lines.isEmpty()) {
            difference = new Difference(agreed, now[0], now[1], lines);
        }
        agreed = now[0];
        if (!lines.isEmpty() || now[0].retired >= limit) {
            done = true;
            over.countDown();
        }
    }

    private List<String> memoryDifferences() {
        MachineMemory a = memory[0], b = memory[1];
        for (int mfn = 0; mfn < Math.min(a.frames, b.frames); mfn++) {
            long p = a.address(mfn), q = b.address(mfn);
            for (int o = 0; o < 4096; o += 8) {
                if (Raw.get64(p + o) != Raw.get64(q + o)) {
                    return List.of("memory of frame %x at %x: %016x against %016x (since the last comparison of memory)".formatted(mfn, o, Raw.get64(p + o),
                            Raw.get64(q + o)));
                }
            }
        }
        return List.of();
    }

    /** Ends the comparison from outside (a guest ended, time is up). */
    void stop() {
        done = true;
        arrival.reset();
        over.countDown();
    }

    CountDownLatch over() { return over; }

    /** Null while, or if, there is none. */
    Difference difference() { return difference; }

    /** Instructions up to which both sides agree. */
    long agreed() { return agreed == null ? 0 : agreed.retired; }
}
