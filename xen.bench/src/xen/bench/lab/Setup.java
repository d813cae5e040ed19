package xen.bench.lab;

import java.util.List;
import xen.kernel.api.control.CostModel;
import xen.kernel.api.hw.Topology;

/**
 * One run of the laboratory.
 *
 * @param warmUp nanoseconds before the measured time begins
 * @param measured nanoseconds that are measured
 * @param traced keep every change of runstate
 * @param swaps null = none
 */
record Setup(Topology topology, String scheduler, CostModel costs, List<DomainSpec> domains, long seed, long warmUp, long measured, boolean traced,
        Swaps swaps) {
    /** The scheduler is swapped for the next of the list, round and round, {@code count} times in the measured time. */
    record Swaps(List<String> schedulers, int count) {}

    static final long MS = 1_000_000;
    /** pCPUs see each other's locks at most so late. */
    static final int WINDOW = 2_000;

    Setup(String topology, String scheduler, List<DomainSpec> domains, long seed, long measured) {
        this(Topology.parse(topology), scheduler, CostModel.DEFAULT.withWindow(WINDOW), domains, seed, 200 * MS, measured, false, null);
    }

    Setup swaps(Swaps s) { return new Setup(topology, scheduler, costs, domains, seed, warmUp, measured, traced, s); }

    Setup trace() { return new Setup(topology, scheduler, costs, domains, seed, warmUp, measured, true, swaps); }

    Setup costs(CostModel c) { return new Setup(topology, scheduler, c, domains, seed, warmUp, measured, traced, swaps); }

    /** The same for a part of the time: for tests. */
    Setup shorter(int times) { return new Setup(topology, scheduler, costs, domains, seed, warmUp, measured / times, traced, swaps); }

    Setup warmUp(long nanos) { return new Setup(topology, scheduler, costs, domains, seed, nanos, measured, traced, swaps); }
}
