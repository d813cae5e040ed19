package xen.sched.rr;

/**
 * What a vCPU may still run boosted. It grows with time, by a small share of it, up to a limit, whether the vCPU sleeps or not: however
 * it arranges its naps, it cannot run boosted for more than that share of the time, and a boosted run counts as its turn.
 */
final class Boost {
    private long left;
    private long filled = Long.MIN_VALUE;

    /** @return true when there is enough for a run */
    boolean take(RrPolicy p, long now) {
        fill(p, now);
        return left >= p.boostNanos() / 4;
    }

    private void fill(RrPolicy p, long now) {
        left = filled == Long.MIN_VALUE ? p.boostNanos() : Math.min(p.boostNanos(), left + (now - filled) * p.boostPercent() / 100);
        filled = now;
    }

    long left() { return Math.max(1, left); }

    void use(long ran) { left -= ran; }

    /** True when it is as good as new. */
    boolean full(RrPolicy p, long now) {
        fill(p, now);
        return left >= p.boostNanos();
    }
}
