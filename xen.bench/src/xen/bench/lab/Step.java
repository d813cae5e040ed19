package xen.bench.lab;

/** What a vCPU of a workload domain does next. */
sealed interface Step {
    /** Retires instructions. */
    record Compute(long instructions) implements Step {}

    /** SCHEDOP_poll with a timeout: wakes at most {@code nanos} later. */
    record Sleep(long nanos) implements Step {}

    /** SCHEDOP_yield. */
    record Yield() implements Step {}

    /** Spins until the lock is its own. */
    record Lock(SpinLock lock) implements Step {}

    record Unlock(SpinLock lock) implements Step {}

    /** Spins until all parties have come. */
    record Meet(SpinBarrier barrier) implements Step {}

    /** Counts one operation as done; takes no time. */
    record Done() implements Step {}
}
