package xen.sched.gang;

/**
 * Parameters of the policy.
 *
 * @param slotNanos length of a time slot
 * @param relaxed bounded skew instead of whole rows
 * @param skewNanos relaxed: how far a vCPU may be ahead of its slowest ready sibling
 * @param wholeDomains a domain with several vCPUs is a gang unless its vCPUs were put into others
 */
public record GangPolicy(long slotNanos, boolean relaxed, long skewNanos, boolean wholeDomains) {
    public static final GangPolicy DEFAULT = new GangPolicy(10_000_000L, false, 3_000_000L, true);

    public GangPolicy {
        slotNanos = Math.clamp(slotNanos, 200_000L, 1_000_000_000L);
        skewNanos = Math.max(100_000L, skewNanos);
    }

    public GangPolicy relaxed(boolean on) { return new GangPolicy(slotNanos, on, skewNanos, wholeDomains); }
}
