package xen.kernel.time;

import xen.kernel.api.time.Timeline;

/** Stub. */
public final class TimelineImpl implements Timeline {
    private final MachineClock clock;

    public TimelineImpl(MachineClock clock) { this.clock = clock; }

    @Override public long now() { return clock.now(); }

    @Override public Cancellable at(long atNanos, Runnable action) { return () -> { }; }

    @Override public void post(Runnable action) { }
}
