package xen.kernel.driver;

import java.util.ArrayDeque;

/**
 * Keeps a virtual disk within its limit of requests a second, whoever schedules: what comes too early is held back, in order, before the
 * disk's scheduler sees it. Each request lets the next one through a period later; a pause, however long, is worth one more. Flushes and
 * discards count. Under the block core's lock.
 */
final class Pace {
    private static final long SECOND = 1_000_000_000L;

    private final ArrayDeque<JournalEntry> held = new ArrayDeque<>();
    private long last = Long.MIN_VALUE / 2;
    /** When somebody will ask again; {@link Long#MAX_VALUE}: nobody will. */
    private long armed = Long.MAX_VALUE;

    /** Requests that are held back. */
    int held() { return held.size(); }

    void add(JournalEntry e) { held.add(e); }

    /** The next that may go on, or null; what has no owner any more may at once. */
    JournalEntry next(int limit, long now) {
        JournalEntry e = held.peek();
        if (e == null || limit > 0 && !e.cancelled && now < due(limit)) {
            return null;
        }
        if (limit > 0 && !e.cancelled) {
            // a timer that came late is made up for, by one period at most
            last = Math.max(due(limit), now - SECOND / limit);
        }
        return held.poll();
    }

    private long due(int limit) { return last + SECOND / limit; }

    /** When to ask again: once, {@link Long#MAX_VALUE} when somebody will by then. */
    long wake(int limit) {
        if (held.isEmpty() || limit == 0 || due(limit) >= armed) {
            return Long.MAX_VALUE;
        }
        armed = due(limit);
        return armed;
    }

    /** Somebody asks who was told to then. */
    void woken(long then) {
        if (then == armed) {
            armed = Long.MAX_VALUE;
        }
    }
}
