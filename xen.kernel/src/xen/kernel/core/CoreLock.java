package xen.kernel.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import xen.kernel.api.control.LockReport;
import xen.kernel.api.hw.Exit;

/**
 * The core's lock. In real time it counts for how long it is held and waited for, by what its holder does: it is the one thing that pCPUs
 * wait for each other at. Two looks at the host's clock a hold, about 50 ns; in virtual time there is one thread, and nothing is counted.
 */
public final class CoreLock extends ReentrantLock {
    /** Kinds of work beyond exits, which are 0 to 15. */
    public static final int OTHER = 16, SCHEDULE = 17, RESUME = 18, QUIESCED = 19;
    private static final int HYPERCALLS = 20;
    private static final long PASS_NANOS = 100_000;
    /** Looks at a lock that is held before the thread sleeps: most holds are shorter than a sleep, and a sleeper costs the holder a system call. */
    private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 100 : 0;
    private static final long serialVersionUID = 1L;

    private final transient boolean timed;
    private final transient Durations held = new Durations(), waited = new Durations();
    // by kind of work
    private final transient long[] counts = new long[HYPERCALLS + 64], totals = new long[HYPERCALLS + 64], longest = new long[HYPERCALLS + 64];
    private transient long since;
    private transient int work = OTHER;
    /** What its holder does when he has given it back. */
    private transient Runnable afterwards;

    /** Fair in virtual time: the one thread that takes it all the time would starve a caller from outside. */
    public CoreLock(boolean virtual) {
        super(virtual);
        timed = !virtual;
    }

    @Override public void lock() {
        if (!timed) {
            super.lock();
        } else if (!tryLock()) {
            long from = System.nanoTime();
            if (!spin()) {
                super.lock();
            }
            since = System.nanoTime();
            waited.add(since - from);
        }
    }

    private boolean spin() {
        for (int i = 0; i < SPINS; i++) {
            Thread.onSpinWait();
            if (!isLocked() && super.tryLock()) {
                return true;
            }
        }
        return false;
    }

    /**
     * The holder wakes somebody: once the lock is free, because who wakes up will want it, and would find it held. When several are to be
     * woken, only the first one waits for that.
     */
    public void afterwards(Runnable wake) {
        if (afterwards == null) {
            afterwards = wake;
        } else if (afterwards != wake) {
            wake.run();
        }
    }

    @Override public boolean tryLock() {
        boolean got = super.tryLock();
        if (got && timed && getHoldCount() == 1) {
            since = System.nanoTime();
        }
        return got;
    }

    @Override public void unlock() {
        if (timed && getHoldCount() == 1) {
            long nanos = System.nanoTime() - since;
            held.add(nanos);
            counts[work]++;
            totals[work] += nanos;
            longest[work] = Math.max(longest[work], nanos);
            work = OTHER;
        }
        Runnable wake = null;
        if (afterwards != null && getHoldCount() == 1) {
            wake = afterwards;
            afterwards = null;
        }
        super.unlock();
        if (wake != null) {
            wake.run();
        }
    }

    /** In long work, between two pieces of it: whoever waits has the lock first. Held once, before and after. */
    void passRound() {
        unlock();
        if (hasQueuedThreads()) {
            LockSupport.parkNanos(this, PASS_NANOS);
        }
        lock();
    }

    /** The holder tells what it does: a kind of {@link Exit}, or one of the numbers here. */
    public void works(int kind) { work = kind; }

    /** The holder carries out that hypercall, 0 to 63. */
    public void worksAtHypercall(int number) { work = HYPERCALLS + number; }

    /** What was counted; null in virtual time. */
    LockReport report(IntFunction<String> hypercall) {
        if (!timed) {
            return null;
        }
        lock();
        try {
            List<LockReport.Work> works = new ArrayList<>();
            for (int i = 0; i < counts.length; i++) {
                if (counts[i] > 0) {
                    works.add(new LockReport.Work(i >= HYPERCALLS ? "hypercall." + hypercall.apply(i - HYPERCALLS) : name(i), counts[i], totals[i], longest[i]));
                }
            }
            works.sort(Comparator.comparingLong(LockReport.Work::totalNanos).reversed());
            return new LockReport(held.count(), held.percentile(50), held.percentile(99), held.max(), waited.count(), waited.percentile(50), waited.percentile(99),
                    waited.max(), works);
        } finally {
            unlock();
        }
    }

    private static String name(int kind) {
        return switch (kind) {
            case OTHER -> "other";
            case SCHEDULE -> "schedule";
            case RESUME -> "resume";
            case QUIESCED -> "quiesced";
            default -> "exit." + Exit.NAMES[kind];
        };
    }
}
