package xen.sched.bvt;

/**
 * Parameters of the policy.
 *
 * @param allowanceNanos how far who runs may get ahead before it is replaced
 * @param warpNanos how far a woken vCPU may borrow from its future
 * @param warpLimitNanos how long it may run warped after a wake-up
 */
public record BvtPolicy(long allowanceNanos, long warpNanos, long warpLimitNanos) {
    public static final BvtPolicy DEFAULT = new BvtPolicy(5_000_000L, 10_000_000L, 1_000_000L);

    public BvtPolicy {
        allowanceNanos = Math.clamp(allowanceNanos, BorrowedVirtualTime.MIN_SLICE, BorrowedVirtualTime.MAX_SLICE);
        warpNanos = Math.max(0, warpNanos);
        warpLimitNanos = Math.max(0, warpLimitNanos);
    }
}
