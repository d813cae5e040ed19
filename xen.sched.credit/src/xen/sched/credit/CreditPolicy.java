package xen.sched.credit;

/**
 * Parameters of the policy.
 *
 * @param sliceNanos time before the next of equal priority has its turn
 * @param rateLimitNanos who runs is not preempted before it has run so long
 */
public record CreditPolicy(long sliceNanos, long rateLimitNanos) {
    public static final CreditPolicy DEFAULT = new CreditPolicy(30_000_000L, 1_000_000L);

    public CreditPolicy {
        sliceNanos = Math.clamp(sliceNanos, 1_000_000L, 300_000_000L);
        rateLimitNanos = Math.clamp(rateLimitNanos, 0, sliceNanos);
    }
}
