package xen.kernel.driver;

import java.util.ArrayDeque;

/**
 * Keeps a virtual disk within its limit of requests a second, whoever schedules: what comes too early is held back, in order, before the
 * disk's scheduler sees it. Each request lets the next one through a period later; after a pause nothing has been saved up. Flushes and
 * discards count. Under the block core's lock.
 */
final class Pace {
    private static final long SECOND = 1_000_000_000L;

    private final ArrayDeque<JournalEntry> held = new ArrayDeque<>();
    private long last = Long.MIN_VALUE / 2;
    private boolean armed;

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

    /** When to ask again: once, {@link Long#MAX_VALUE} when somebody will. */
    long wake(int limit) {
        if (held.isEmpty() || limit == 0 || armed) {
            return Long.MAX_VALUE;
        }
        armed = true;
        return due(limit);
    }

    void woken() { armed = false; }
}
