package xen.kernel.api.block.kit;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import xen.kernel.api.time.Timeline;

/** A timeline that the host's clock drives, on a thread of its own. */
final class RealTimeline implements Timeline, AutoCloseable {
    private final long start = System.nanoTime();
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("sim-timer").factory());

    RealTimeline() {
        // what is planned when the machine goes does not happen
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override public long now() { return System.nanoTime() - start; }

    @Override public Cancellable at(long atNanos, Runnable action) {
        ScheduledFuture<?> f = thread.schedule(action, Math.max(0, atNanos - now()), TimeUnit.NANOSECONDS);
        return () -> f.cancel(false);
    }

    @Override public void post(Runnable action) { thread.execute(action); }

    @Override public void close() { thread.shutdown(); }
}
