package xen.disk.cello;

/**
 * Waiting for a client that reads on as soon as it has its answer (Iyer and Druschel, SOSP 2001), for the few milliseconds in which
 * going away would cost more: the way to the next request of somebody else is longer than the client's usual pause and its next request
 * together. A disk without heads has no ways, and none is waited for.
 */
final class Anticipation {
    /** Longest wait; shortest gain that is worth it. */
    static final long LONGEST = 3_000_000;

    private Share last;

    void clear() { last = null; }

    void completed(Share s) { last = s; }

    /**
     * @param alternative nanoseconds of the request that would be done instead
     * @return until when to wait, or {@code now}
     */
    long until(long now, long alternative) {
        Share s = last;
        if (s == null || s.busy() || s.left <= -s.visit / 2) {
            return now;
        }
        long wait = 2 * s.pause;
        if (wait > LONGEST || alternative < s.service + 2 * wait || alternative < 2 * s.service) {
            return now;
        }
        return Math.max(now, s.idleSince + wait);
    }
}
