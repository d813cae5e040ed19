package xen.sched.rr;

import java.util.Map;

/** What the scheduler did since it started; written under the pool's lock, read by any thread. */
public final class RrStats {
    volatile long picks, idles, stealsSibling, stealsSocket, stealsRemote, rotations, parked, preemptions;

    public Map<String, Long> figures() {
        return Map.of("picks", picks, "idles", idles, "steals.sibling", stealsSibling, "steals.socket", stealsSocket, "steals.remote", stealsRemote,
                "rotations", rotations, "parked", parked, "preemptions", preemptions);
    }

    public Snapshot snapshot() { return new Snapshot(picks, idles, stealsSibling, stealsSocket, stealsRemote, rotations, parked, preemptions); }

    /**
     * @param picks decisions that gave a vCPU
     * @param idles decisions that gave none
     * @param stealsSibling taken from an SMT sibling's queue
     * @param stealsSocket taken from another core of the socket
     * @param stealsRemote taken from another socket
     * @param rotations steals by a pCPU with work of its own, to close a round
     * @param parked times that a vCPU had used up its cap
     * @param preemptions wake-ups that cut short who ran
     */
    public record Snapshot(long picks, long idles, long stealsSibling, long stealsSocket, long stealsRemote, long rotations, long parked,
            long preemptions) {}
}
