package xen.kernel.driver;

import java.util.concurrent.locks.LockSupport;

/**
 * How the thread of a driver instance waits for work in real time. To sleep and to be woken costs both sides some microseconds: if work
 * mostly comes sooner than that, the thread looks into the rings for a moment, and front ends need not notify. Else, or when that was in
 * vain, it has front ends notify and sleeps.
 */
final class Rest {
    /** Longest look, and the mean wait up to which it is worth it. */
    private static final long LOOK_NANOS = 20_000, WORTH_NANOS = 12_000;
    /** Longer waits count as that long. */
    private static final long MOST_NANOS = 100_000;

    private final BlockCore core;
    private final DriverInstance instance;
    private volatile boolean asleep;
    /** Mean of the last waits. */
    private long usual = MOST_NANOS;

    Rest(BlockCore core, DriverInstance instance) {
        this.core = core;
        this.instance = instance;
    }

    /** It looks into no ring until it is woken. */
    boolean asleep() { return asleep; }

    /** Any thread, with whatever lock. */
    void wake() {
        if (asleep) {
            LockSupport.unpark(instance.thread);
        }
    }

    /** On the instance's thread, with the lock held before and after: until there may be work. */
    void await() {
        long from = System.nanoTime(), came = usual <= WORTH_NANOS ? look(from) : 0;
        if (came == 0) {
            came = sleep();
        }
        usual += (Math.clamp(came - from, 0, MOST_NANOS) - usual) / 8;
    }

    /** @return when work came; 0: none so far */
    private long look(long from) {
        long now;
        do {
            core.lock.unlock();
            for (int i = 0; i < 8; i++) {
                Thread.onSpinWait();
            }
            core.lock.lock();
            now = System.nanoTime();
            if (instance.wanted() || instance.looks()) {
                return now;
            }
        } while (now - from < LOOK_NANOS);
        return 0;
    }

    private long sleep() {
        if (instance.charged() && !core.doorbell.sleep()) {
            return System.nanoTime();
        }
        asleep = true;
        core.lock.unlock();
        while (!instance.wanted() && !core.doorbell.rung()) {
            LockSupport.park(this);
        }
        core.lock.lock();
        asleep = false;
        return core.doorbell.rung() ? core.doorbell.rungAt() : System.nanoTime();
    }
}
