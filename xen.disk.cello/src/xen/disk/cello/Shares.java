package xen.disk.cello;

import java.util.List;
import xen.disk.shared.ByClient;
import xen.kernel.api.block.DiskClient;

/**
 * Level 1 of Cello: who may. The two best-effort classes have equal parts, in disk time or in sectors, and in a class each client has a part
 * by its weight. The interval over which that holds slides: what a throughput client takes is credit for all of its class, by weight, and
 * as much again for the interactive class; its own credit pays for it. So credits of a class that is backlogged sum up to nothing, and a
 * client's share of any time is right within one visit. Real-time clients have no part: what they may take was admitted.
 *
 * <p>A visit, from half of it in credit to half of it in debt, is as short as the ways between throughput clients allow, and longer while
 * interactive clients interrupt them. Credit that nobody uses is kept up to one visit.
 */
final class Shares {
    /** What a class takes in a round in nanoseconds of disk time, at least. */
    static final long ROUND = 100_000_000;
    /** Average visit of a throughput client, at least; when runs are interrupted. */
    static final long LEAST = 12_000_000, LEAST_INTERRUPTED = 60_000_000;
    /** A sector is worth that much: some 80 MB/s. Fine enough for weights. */
    private static final long SECTOR = 6_250;
    /** The same by bytes, where ways cost a client nothing. */
    private static final long LEAST_BYTES = 6_400_000, LEAST_BYTES_INTERRUPTED = 120_000_000;

    private final boolean bytes;
    private final ByClient<Share> byClient = new ByClient<>(Share::new);
    /** Interactive clients were there lately. */
    private boolean interrupted;
    private long throughputWeights, otherWeights;

    Shares(boolean bytes) { this.bytes = bytes; }

    Share get(DiskClient c) { return byClient.get(c); }

    List<Share> all() { return byClient.all(); }

    boolean interrupted() { return interrupted; }

    void interrupted(boolean now) {
        if (now != interrupted) {
            interrupted = now;
            allot();
        }
    }

    void clear() {
        byClient.clear();
        interrupted = false;
        throughputWeights = otherWeights = 0;
    }

    /** Somebody wants the disk who did not. */
    void join(Share s) {
        s.active = true;
        boolean first = s.visit == 0;
        allot();
        s.left = first && !s.throughput() ? s.visit : Math.min(s.left, s.visit / 2);
    }

    /** Visits of all who are active. Weights and classes are read anew. */
    void allot() {
        throughputWeights = otherWeights = 0;
        int clients = 0;
        for (Share s : all()) {
            if (s.active && s.throughput()) {
                throughputWeights += s.client.weight();
                clients++;
            } else if (s.active) {
                otherWeights += s.client.weight();
            }
        }
        long least = bytes ? interrupted ? LEAST_BYTES_INTERRUPTED : LEAST_BYTES : interrupted ? LEAST_INTERRUPTED : LEAST;
        long round = Math.max(ROUND, clients * least);
        for (Share s : all()) {
            if (s.active) {
                s.visit = Math.max(1, round * s.client.weight() / Math.max(1, s.throughput() ? throughputWeights : otherWeights));
            }
        }
    }

    /** What a request costs that takes so long. */
    long cost(long nanos, int sectors) { return bytes ? sectors * SECTOR : nanos; }

    /** It is served; negative: less than was charged. */
    void charge(Share s, long cost) {
        if (cost == 0) {
            // estimates are often right
            return;
        }
        s.left -= cost;
        if (s.throughput()) {
            earn(cost, cost);
        }
    }

    /**
     * The disk was on its way back from an interactive request: nobody pays for that, and interactive clients may take as much as if a
     * throughput client had.
     */
    void uncharged(long nanos) { earn(0, nanos); }

    /** Credit of each class. */
    private void earn(long throughput, long others) {
        boolean gone = false;
        for (Share s : all()) {
            if (!s.active) {
                continue;
            }
            boolean t = s.throughput();
            long cost = t ? throughput : others, weights = t ? throughputWeights : otherWeights;
            if (cost == 0 || weights == 0) {
                continue;
            }
            s.left += cost * s.client.weight() / weights;
            if (s.left > s.visit && !(t && s.busy())) {
                s.left = s.visit;
                s.active = s.busy();
                gone |= !s.active;
            }
        }
        if (gone) {
            allot();
        }
    }

    /** Interactive clients are alone: a new round. */
    void replenish() {
        for (Share s : all()) {
            if (s.active && !s.throughput()) {
                s.left = Math.min(s.left + s.visit, s.visit);
            }
        }
    }
}
