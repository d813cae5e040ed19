package xen.kernel.driver;

/** When the successor of a failed driver starts: at once, then, while failures follow each other, after 1 ms, 2 ms, up to 1 s. Machine time. */
final class BackOff {
    private static final long CALM = 1_000_000_000L, FIRST = 1_000_000L, LONGEST = 1_000_000_000L;

    private long wait, last = Long.MIN_VALUE / 2;

    /** It failed now. @return when to start the next one */
    long next(long now) {
        wait = now - last > CALM ? 0 : wait == 0 ? FIRST : Math.min(2 * wait, LONGEST);
        last = now;
        return now + wait;
    }

    /** Time begins anew. */
    void reset() { last = Long.MIN_VALUE / 2; }
}
