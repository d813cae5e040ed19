package xen.disk.cello;

import java.util.List;
import xen.disk.shared.ByClient;
import xen.kernel.api.block.DiskClient;

/**
 * Level 1 of Cello: who may. In each interval the two best-effort classes have equal parts, in disk time or in sectors, and in a class each
 * client has a part by its weight. An interval ends when all who want the disk have used up their part; what a client overdraws is owed
 * in the next one, what a busy client could not use is kept, one part at most. Real-time clients have no part: what they may take was
 * admitted.
 *
 * <p>A client's share of a time T is right within two intervals, and within the one or two visits that a small part is. The interval is
 * as short as the ways between throughput clients allow, and longer while interactive clients interrupt them, so that each part is worth
 * the ways to it.
 */
final class Shares {
    /** Part of a class in nanoseconds of disk time, or in sectors, at least. */
    static final long ROUND = 100_000_000, ROUND_SECTORS = 8_192;
    /** Average part of a throughput client, at least; when runs are interrupted. */
    static final long LEAST = 12_000_000, LEAST_SECTORS = 1_024, LEAST_INTERRUPTED = 60_000_000, LEAST_SECTORS_INTERRUPTED = 12_288;

    private final boolean bytes;
    private final ByClient<Share> byClient = new ByClient<>(Share::new);
    /** Interactive clients were there in the last interval. */
    boolean interrupted;

    Shares(boolean bytes) { this.bytes = bytes; }

    Share get(DiskClient c) { return byClient.get(c); }

    List<Share> all() { return byClient.all(); }

    void clear() {
        byClient.clear();
        interrupted = false;
    }

    /** What a part or the rest of one is in disk time, more or less. */
    long time(long part) { return bytes ? part * (ROUND / ROUND_SECTORS) : part; }

    /** The part that is worth that disk time, more or less. */
    long part(long nanos) { return bytes ? nanos / (ROUND / ROUND_SECTORS) : nanos; }

    /**
     * The disk was on its way back from an interactive request: nobody pays for that. The interval gets longer by it, and so the parts of
     * interactive clients, or they would end before it does.
     */
    void uncharged(long nanos) {
        long weights = 0;
        for (Share s : all()) {
            weights += s.active && !s.throughput() ? s.client.weight() : 0;
        }
        for (Share s : all()) {
            s.part += s.active && !s.throughput() ? nanos * s.client.weight() / weights : 0;
        }
    }

    /** Somebody wants the disk who did not; he need not wait for the next interval: the others' parts shrink. */
    void join(Share s) {
        s.active = true;
        allot();
    }

    /** Parts of all who are active. */
    private void allot() {
        long weights = 0, others = 0;
        int clients = 0;
        for (Share s : all()) {
            if (s.active && s.throughput()) {
                weights += s.client.weight();
                clients++;
            } else if (s.active) {
                others += s.client.weight();
            }
        }
        long round = bytes ? Math.max(ROUND_SECTORS, clients * (interrupted ? LEAST_SECTORS_INTERRUPTED : LEAST_SECTORS))
                : Math.max(ROUND, clients * (interrupted ? LEAST_INTERRUPTED : LEAST));
        for (Share s : all()) {
            s.part = s.active ? Math.max(1, round * s.client.weight() / (s.throughput() ? weights : others)) : 0;
        }
    }

    /** A new interval. */
    void begin(boolean isInterrupted) {
        interrupted = isInterrupted;
        for (Share s : all()) {
            s.used = -s.left();
            s.active = s.busy();
        }
        allot();
        for (Share s : all()) {
            s.used = s.active ? Math.max(s.used, -s.part) : Math.max(s.used, 0);
        }
    }

    /** Somebody who has nothing to give the disk now may come back for the rest of his part: his requests are all there. */
    boolean somebodyMayComeBack() {
        for (Share s : all()) {
            if (s.underWay > 0 && s.waiting() == 0 && s.left() > 0) {
                return true;
            }
        }
        return false;
    }

    /** Of those who wait for more than their part: who took least beyond it, by weight; null = nobody waits. */
    Share leastOverdrawn() {
        Share best = null;
        for (Share s : all()) {
            if (s.waiting() > 0 && (best == null || s.left() * best.client.weight() > best.left() * s.client.weight())) {
                best = s;
            }
        }
        return best;
    }
}
