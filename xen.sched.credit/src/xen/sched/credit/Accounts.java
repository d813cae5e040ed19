package xen.sched.credit;

/**
 * Credits. At each accounting period the time of all pCPUs is handed out by weight to the vCPUs that take part. No vCPU is touched for
 * that: one sum grows, of credits for each unit of weight, and a vCPU's own are worked out from it when somebody asks. Whoever sleeps
 * goes on earning until it has a full purse; then it takes part no more, with half of it, until it wakes.
 */
final class Accounts {
    static final long PERIOD = 30_000_000L;
    /** Most that a vCPU can save, and owe. */
    private static final long MOST = PERIOD, LEAST = -20 * PERIOD;
    /** The sum is in 2^-10 ns. */
    private static final int SHIFT = 10;

    private final long timeAPeriod;
    private long periods;
    private long weights;
    private long handedOut;

    Accounts(int pcpus, long now) {
        timeAPeriod = PERIOD * pcpus;
        periods = now / PERIOD;
    }

    /** What each unit of weight has had. */
    long handedOut() { return handedOut; }

    void advance(long now) {
        long n = now / PERIOD - periods;
        if (n > 0) {
            periods += n;
            // nobody can save more: so the sum lasts for weeks
            handedOut += Math.min(MOST << SHIFT, Math.min(n, 100) * ((timeAPeriod << SHIFT) / Math.max(1, weights)));
        }
    }

    /** Brings the credits up to date, less what was run. */
    void settle(Entry e, long ran) {
        long earned = e.weight * (handedOut - e.seen) >> SHIFT;
        e.credit = Math.clamp(e.credit + earned - ran, LEAST, MOST);
        e.seen = handedOut;
    }

    /** It takes part from now on, with its present weight. */
    void join(Entry e) {
        settle(e, 0);
        weights += e.vcpu.weight() - e.weight;
        e.weight = e.vcpu.weight();
    }

    void leave(Entry e) {
        settle(e, 0);
        weights -= e.weight;
        e.weight = 0;
    }

    /** A sleeper that has a full purse takes part no more. @return true when it has left */
    boolean retire(Entry e) {
        settle(e, 0);
        if (e.weight > 0 && e.credit >= MOST) {
            leave(e);
            e.credit /= 2;
        }
        return e.weight == 0;
    }

    /** The sum at which it will be within its credits. */
    long ripe(Entry e) { return handedOut + (-e.credit << SHIFT) / Math.max(1, e.weight); }
}
