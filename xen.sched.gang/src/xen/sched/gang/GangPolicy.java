package xen.sched.gang;

/**
 * Parameters of the policy.
 *
 * @param slotNanos length of a time slot
 * @param relaxed bounded skew instead of whole rows
 * @param skewNanos relaxed: how far a vCPU may be ahead of its slowest ready sibling
 * @param wholeDomains a domain with several vCPUs is a gang unless its vCPUs were put into others
 * @param boostPercent share of the time that a vCPU may run, after wake-ups, in a column that no whole gang needs; 0 = no boost
 */
public record GangPolicy(long slotNanos, boolean relaxed, long skewNanos, boolean wholeDomains, int boostPercent) {
    public static final GangPolicy DEFAULT = new GangPolicy(10_000_000L, false, 3_000_000L, true, 10);
    /** Longest such run. */
    static final long BOOST = 2_000_000L;

    public GangPolicy {
        slotNanos = Math.clamp(slotNanos, 200_000L, 1_000_000_000L);
        skewNanos = Math.max(100_000L, skewNanos);
        boostPercent = Math.clamp(boostPercent, 0, 50);
    }

    public GangPolicy relaxed(boolean on) { return new GangPolicy(slotNanos, on, skewNanos, wholeDomains, boostPercent); }
}
