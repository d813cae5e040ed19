package xen.sched.rr;

/**
 * Parameters of the policy.
 *
 * @param sliceNanos slice of a vCPU of weight 256
 * @param stealing false: static placement, as the old system had it
 * @param boostPercent share of the time that a vCPU may run boosted after wake-ups; 0 = no boost
 * @param boostNanos longest boosted run
 * @param rateLimitNanos who runs is not preempted before it has run so long
 */
public record RrPolicy(long sliceNanos, boolean stealing, int boostPercent, long boostNanos, long rateLimitNanos) {
    public static final RrPolicy DEFAULT = new RrPolicy(10_000_000L, true, 10, 2_000_000L, 200_000L);

    public RrPolicy {
        sliceNanos = Math.clamp(sliceNanos, 250_000L, 320_000_000L);
        boostPercent = Math.clamp(boostPercent, 0, 50);
        boostNanos = Math.clamp(boostNanos, 10_000L, 100_000_000L);
        rateLimitNanos = Math.clamp(rateLimitNanos, 0, sliceNanos);
    }

    boolean boosts() { return boostPercent > 0; }

    public RrPolicy fixed() { return new RrPolicy(sliceNanos, false, boostPercent, boostNanos, rateLimitNanos); }
}
