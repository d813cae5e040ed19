package xen.kernel.time;

import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.Queue;
import xen.kernel.api.time.Timeline;

/**
 * Actions ordered by (time, submission). Whoever drives time ({@code Dispatcher}) asks {@link #nextAt}, brings the clock there and runs
 * what {@link #poll} hands out. Submissions from the driver's own threads are part of the deterministic order; a {@link #post} from
 * another thread goes to an inbox that is emptied between two instructions, and wakes the driver.
 *
 * <p>The monitor of this object guards the queue; actions and the driver's wake-up call run outside it.
 */
public final class TimelineImpl implements Timeline {
    /** The side of the timeline that drives it. */
    public interface Driver {
        /** True on a thread that will look at the timeline by itself before it runs guest code again. */
        boolean onDriverThread();

        /** The first action changed or the inbox has something: look now. Any thread. */
        void wake();
    }

    public static final long NEVER = Long.MAX_VALUE;
    /** Cancelled entries stay queued until they reach the head or are so many. */
    private static final int SWEEP = 64;

    private final MachineClock clock;
    private final PriorityQueue<Action> queue = new PriorityQueue<>();
    private final Queue<Runnable> inbox = new ArrayDeque<>();
    private long sequence;
    private int cancelled;
    private volatile long next = NEVER;
    private volatile boolean posted;
    private volatile Driver driver;

    public TimelineImpl(MachineClock clock) { this.clock = clock; }

    public void driver(Driver d) { driver = d; }

    @Override public long now() { return clock.now(); }

    @Override public Cancellable at(long atNanos, Runnable action) {
        Action a;
        boolean first;
        synchronized (this) {
            a = new Action(atNanos, sequence++, action);
            queue.add(a);
            first = queue.peek() == a;
            next = queue.peek().at;
        }
        if (first) {
            wakeDriver();
        }
        return a;
    }

    @Override public void post(Runnable action) {
        Driver d = driver;
        if (d != null && d.onDriverThread()) {
            at(clock.now(), action);
            return;
        }
        synchronized (this) {
            inbox.add(action);
            posted = true;
        }
        wakeDriver();
    }

    private void wakeDriver() {
        Driver d = driver;
        if (d != null && !d.onDriverThread()) {
            d.wake();
        }
    }

    /** Time of the first action, or {@link #NEVER}; one volatile read. */
    public long nextAt() { return next; }

    /** True when the inbox is not empty; one volatile read. */
    public boolean posted() { return posted; }

    /** Takes the next action that is due at {@code now} (the inbox first), or null. */
    public synchronized Runnable poll(long now) {
        Runnable r = inbox.poll();
        if (r != null) {
            posted = !inbox.isEmpty();
            return r;
        }
        Action a = queue.peek();
        if (a == null || a.at > now) {
            return null;
        }
        queue.poll();
        a.done = true;
        dropCancelledHeads();
        return a.action;
    }

    /** Pending actions, for reports. */
    public synchronized int size() { return queue.size() - cancelled + inbox.size(); }

    private void dropCancelledHeads() {
        while (!queue.isEmpty() && queue.peek().dead) {
            queue.poll();
            cancelled--;
        }
        next = queue.isEmpty() ? NEVER : queue.peek().at;
    }

    private synchronized void cancel(Action a) {
        if (a.done || a.dead) {
            return;
        }
        a.dead = true;
        cancelled++;
        if (cancelled > SWEEP && cancelled > queue.size() / 2) {
            queue.removeIf(x -> x.dead);
            cancelled = 0;
        }
        dropCancelledHeads();
    }

    private final class Action implements Cancellable, Comparable<Action> {
        final long at;
        final long seq;
        final Runnable action;
        boolean done;
        boolean dead;

        Action(long at, long seq, Runnable action) {
            this.at = at;
            this.seq = seq;
            this.action = action;
        }

        @Override public void cancel() { TimelineImpl.this.cancel(this); }

        @Override public int compareTo(Action o) { return at != o.at ? Long.compare(at, o.at) : Long.compare(seq, o.seq); }
    }

    /** When a pending action of a timeline is due; {@link #NEVER} when it has run or was cancelled. */
    public static long due(Timeline.Cancellable c) { return c instanceof Action a && !a.done && !a.dead ? a.at : NEVER; }

    /** Place of an action among those of its time. */
    public static long place(Timeline.Cancellable c) { return c instanceof Action a ? a.seq : 0; }
}
