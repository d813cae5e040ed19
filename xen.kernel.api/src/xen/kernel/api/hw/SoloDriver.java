package xen.kernel.api.hw;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Drives a board's only CPU without a core: for benches and testers. Runs and {@link #quiesced} exclude each other, in the order in which
 * they are asked for, so an engine that goes away while somebody runs guest code waits for the end of that run and gets its turn then.
 */
public class SoloDriver implements CpuCallbacks {
    private final ReentrantLock turn = new ReentrantLock(true);

    /** {@link Cpu#run}, and no change of engine meanwhile; {@code budget} bounds how long one waits. */
    public final int run(Cpu cpu, VcpuContext vcpu, long budget) {
        turn.lock();
        try {
            return cpu.run(vcpu, budget);
        } finally {
            turn.unlock();
        }
    }

    @Override public final void quiesced(Runnable action) {
        turn.lock();
        try {
            action.run();
        } finally {
            turn.unlock();
        }
    }

    /** Time is what the run retired. */
    @Override public long tsc(VcpuContext vcpu, long retiredInRun) { return retiredInRun; }

    /** There are no descriptor tables. */
    @Override public long descriptor(VcpuContext vcpu, int selector) { return 0; }
}
