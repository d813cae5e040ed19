package xen.sched.shared;

/**
 * What a vCPU may still run boosted. It grows with time, by a small share of it, up to a limit, whether the vCPU sleeps or not: however
 * it arranges its naps, it cannot run boosted for more than that share of the time, and a boosted run counts as its turn.
 */
public final class Boost {
    private long left;
    private long filled = Long.MIN_VALUE;

    /**
     * @param percent share of the time
     * @param limit longest boosted run in nanoseconds
     * @return true when there is enough for a run
     */
    public boolean take(int percent, long limit, long now) {
        fill(percent, limit, now);
        return left >= limit / 4;
    }

    private void fill(int percent, long limit, long now) {
        left = filled == Long.MIN_VALUE ? limit : Math.min(limit, left + (now - filled) * percent / 100);
        filled = now;
    }

    public long left() { return Math.max(1, left); }

    public void use(long ran) { left -= ran; }

    /** True when it is as good as new. */
    public boolean full(int percent, long limit, long now) {
        fill(percent, limit, now);
        return left >= limit;
    }
}
