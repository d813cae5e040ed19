package xen.kernel.api.control;

import java.util.List;

/**
 * For how long the core's lock was held and waited for since power-on, in nanoseconds of the host. Percentiles are upper bounds, 12 % off
 * at most.
 *
 * @param waits times that it was not free; the wait of each is counted
 * @param works by what was done under it, the longest sum first
 */
public record LockReport(long holds, long heldP50, long heldP99, long heldMax, long waits, long waitP50, long waitP99, long waitMax, List<Work> works) {
    /** One kind of work under the lock: an exit, a hypercall, scheduling. */
    public record Work(String name, long count, long totalNanos, long maxNanos) {}
}
