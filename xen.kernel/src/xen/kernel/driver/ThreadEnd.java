package xen.kernel.driver;

import java.lang.ref.WeakReference;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import xen.kernel.api.block.DriverFence;

/** Ends the threads of driver instances that are over and do not come back by themselves. Under the block core's lock. */
final class ThreadEnd {
    /** How long a fenced instance may take to come back by itself; host time. Then it is told ever more rarely that its time is over. */
    private static final long GRACE_MILLIS = 250;
    private static final int REMINDERS = 8;

    private ThreadEnd() {}

    /** Looks later whether its thread has come back; holds nothing of it until then. */
    static void soon(DriverInstance i, BlockCore core) { soon(i, core, 0); }

    private static void soon(DriverInstance instance, BlockCore core, int reminder) {
        if (!instance.inline && !instance.ended() && reminder < REMINDERS) {
            WeakReference<DriverInstance> weak = new WeakReference<>(instance);
            CompletableFuture.delayedExecutor(GRACE_MILLIS << reminder, TimeUnit.MILLISECONDS).execute(() -> {
                core.lock.lock();
                try {
                    DriverInstance i = weak.get();
                    if (i != null) {
                        now(i, core, reminder + 1);
                    }
                } finally {
                    core.lock.unlock();
                }
            });
        }
    }

    /** At once. */
    static void now(DriverInstance i, BlockCore core) { now(i, core, 0); }

    /**
     * Ends its thread, wherever in the driver's code it is. What works for it in the core is not disturbed: there it finds out by itself. What
     * was interrupted may have thrown that away, so it is told again.
     */
    private static void now(DriverInstance i, BlockCore core, int reminder) {
        Thread t = i.thread;
        if (t == null || i.ended() || i.inline) {
            return;
        }
        DriverFence.raise(t);
        if (t != Thread.currentThread() && !i.domain.inCore()) {
            t.interrupt();
        }
        soon(i, core, reminder);
    }
}
