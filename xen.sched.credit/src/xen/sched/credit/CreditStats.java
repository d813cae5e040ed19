package xen.sched.credit;

import java.util.Map;
import xen.kernel.api.hw.Topology;

/** What the scheduler did since it was made; written under the pool's lock, read by any thread. */
public final class CreditStats {
    volatile long picks, idles, boosts, preemptions, parked, sibling, socket, remote;

    void steal(int distance) {
        switch (distance) {
            case Topology.SIBLING -> sibling++;
            case Topology.SOCKET -> socket++;
            default -> remote++;
        }
    }

    public Map<String, Long> figures() {
        return Map.of("picks", picks, "idles", idles, "boosts", boosts, "preemptions", preemptions, "parked", parked, "steals.sibling", sibling,
                "steals.socket", socket, "steals.remote", remote);
    }
}
