package xen.bench.lab;

/** A barrier whose parties spin: the steps of a parallel computation. Times are machine cycles. */
final class SpinBarrier {
    private final int parties;
    private int arrived;
    private long round;
    private long openedAt;
    private long latest;

    SpinBarrier(int parties) { this.parties = parties; }

    /** @return the round that the caller waits for the end of */
    long arrive(long now) {
        long mine = round;
        latest = Math.max(latest, now);
        if (++arrived == parties) {
            arrived = 0;
            round++;
            openedAt = latest;
        }
        return mine;
    }

    /** When {@code mine} ended, or -1. */
    long opened(long mine) { return round > mine ? round == mine + 1 ? openedAt : 0 : -1; }
}
