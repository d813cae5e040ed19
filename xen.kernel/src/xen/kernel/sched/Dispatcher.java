package xen.kernel.sched;

import java.util.BitSet;
import java.util.function.IntConsumer;
import xen.kernel.core.Core;

/** Stub: the pCPU loops. */
public final class Dispatcher {
    private final Core core;

    public Dispatcher(Core core) { this.core = core; }

    /** Starts the machine's threads; the board is attached. */
    public void start() { }

    /** Stops them and waits; vCPUs stay as they are, so that {@link #start} goes on. Not from a machine thread. */
    public void stop() { }

    /** Runs {@code action} with every pCPU between two instructions and the core's lock held; any thread. */
    public void quiesced(Runnable action) { action.run(); }

    /** Runs {@code action(p)} for each pCPU of {@code mask} while it is out of its guest; under the core's lock. */
    public void onAllPcpus(BitSet mask, IntConsumer action) { mask.stream().forEach(action); }
}
