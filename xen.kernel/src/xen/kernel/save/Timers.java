package xen.kernel.save;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongConsumer;
import xen.kernel.api.time.Timeline;
import xen.kernel.time.TimelineImpl;

/**
 * Timers of a domain that is being restored, until it goes on: then they are set in the order in which they would have come, by the
 * domain's clock as it stands to the machine's at that moment.
 */
public final class Timers {
    /** Bound of times in an image: two years. */
    public static final long MOST = 1L << 56;

    private record Timer(long due, long place, LongConsumer set) {}

    private final List<Timer> timers = new ArrayList<>();
    private final List<Runnable> exact = new ArrayList<>();

    /** Writes a pending action's time by the machine's clock; the restoring side knows the offset of then. */
    public static void capture(StateWriter w, Timeline.Cancellable c) {
        long due = c == null ? TimelineImpl.NEVER : TimelineImpl.due(c);
        w.i64(due == TimelineImpl.NEVER ? -1 : due).i64(due == TimelineImpl.NEVER ? 0 : TimelineImpl.place(c));
    }

    /** Reads one timer; {@code set} gets the machine time when the domain goes on. Not called when none was pending. */
    public void restore(StateReader r, LongConsumer set) {
        long due = r.i64("timer", -1, Long.MAX_VALUE - 1), place = r.i64();
        if (due >= 0) {
            timers.add(new Timer(due, place, set));
        }
    }

    /** For values that mean something only when the machine is restored too. */
    public void exactly(Runnable set) { exact.add(set); }

    /** @param moved machine time now of what was machine time 0 at the capture */
    void set(long moved, boolean exactly) {
        timers.sort(Comparator.comparingLong(Timer::due).thenComparingLong(Timer::place));
        timers.forEach(t -> t.set.accept(t.due > Long.MAX_VALUE / 2 ? t.due : Math.max(0, t.due + moved)));
        if (exactly) {
            exact.forEach(Runnable::run);
        }
    }
}
