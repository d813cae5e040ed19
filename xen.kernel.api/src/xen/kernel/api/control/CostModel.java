package xen.kernel.api.control;

import xen.kernel.api.hw.Topology;

/**
 * What virtual time charges beyond one cycle a retired instruction. Everything is counted in cycles of the pCPU and nothing may depend
 * on the engine, so that figures are exact on every host. Real time charges nothing: there the host's own costs are felt.
 *
 * @param exitCycles for a world switch: an exit that the guest caused. Above 0, so that a guest that only faults still lets time pass
 * @param switchCycles for loading another vCPU than the pCPU had last
 * @param smtPercent how long an instruction takes while a thread of the same core is busy, in percent of what it takes alone; 160 means
 *         that two busy siblings together do 1.25 times the work of one
 * @param warmSocketCycles to fill the private caches of another core of the same socket, which shares the last-level cache, after a
 *         migration; between siblings of a core it costs nothing
 * @param warmRemoteCycles the same after a migration to another socket
 * @param windowNanos how far pCPUs run ahead of each other at most: what they see of each other may be so old
 */
public record CostModel(int exitCycles, int switchCycles, int smtPercent, int warmSocketCycles, int warmRemoteCycles, int windowNanos) {
    public static final CostModel DEFAULT = new CostModel(100, 1_500, 160, 20_000, 60_000, 20_000);
    /** Nothing but exits costs: for tests that count instructions. */
    public static final CostModel FREE = new CostModel(100, 0, 100, 0, 0, 20_000);

    public CostModel {
        if (exitCycles < 1 || switchCycles < 0 || smtPercent < 100 || smtPercent > 1000 || warmSocketCycles < 0 || warmRemoteCycles < 0
                || windowNanos < 100) {
            throw new IllegalArgumentException("costs: exit 1 or more, switch and warm-up 0 or more, SMT 100 to 1000 percent, window 100 ns or more");
        }
    }

    public CostModel withWindow(int nanos) {
        return new CostModel(exitCycles, switchCycles, smtPercent, warmSocketCycles, warmRemoteCycles, nanos);
    }

    public CostModel withSmt(int percent) {
        return new CostModel(exitCycles, switchCycles, percent, warmSocketCycles, warmRemoteCycles, windowNanos);
    }

    /** Cycles that pass without an instruction when a vCPU that ran on {@code from} (-1: nowhere) goes on on {@code to}. */
    public int warmUp(Topology t, int from, int to) {
        return switch (from < 0 ? Topology.SIBLING : t.distance(from, to)) {
            case Topology.SOCKET -> warmSocketCycles;
            case Topology.REMOTE -> warmRemoteCycles;
            default -> 0;
        };
    }
}
