package xen.kernel.driver;

import java.util.concurrent.locks.Condition;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.DriverFault;
import xen.kernel.api.block.DriverFence;
import xen.kernel.api.block.StartKind;

/**
 * One instance of a driver: its thread, what it has yet to be told, its capability. All of the driver's code runs on that thread, without
 * a lock of the core: it may loop for ever and hurts nobody.
 *
 * <p>Real time: asynchronous; the one in charge takes requests from the rings itself ({@link Doorbell}). Virtual time: whoever told it
 * something waits, at the end of his own turn, until it has nothing more to do ({@link #awaitQuiet}); so its doings have a fixed place in
 * the run. Who waits too long gives it up ({@link #lost}).
 *
 * <p>Virtual time on a host that trusts its driver: no thread of its own. Whoever told it something does the driver's work himself, at the
 * same point ({@link #workHere}): no hand-over, but nobody is left who could give up a call that does not come back.
 *
 * <p>Life: told (busy), at rest, told, ..., over (fenced: no call any more), ended (its thread is gone). A thread that is lost, or does not
 * come back soon after the fencing, is ended ({@link ThreadEnd}): by {@link DriverFence} when it runs, by an interrupt when it waits.
 * Everything but {@link #run}'s calls into the driver and the flags read in spins is under the block core's lock.
 */
final class DriverInstance implements Runnable {
    /** Answers are shown to front ends at the latest after so many calls. */
    private static final int BATCH = 8;
    /** Longest spin before a thread sleeps; both sides are awake most of the time. */
    private static final long SPIN_NANOS = 15_000;

    final String name;
    final StartKind kind;
    final DomainHandle domain;
    final Watchdog watchdog;
    /** It has no thread: {@link #thread} is whoever does its work at the moment. */
    final boolean inline;
    private final BlockCore core;
    private final DriverCode code;
    private final Condition work, quiet;
    private final Calls calls = new Calls();
    private int waiters, unshown;
    private boolean asleep;
    private final boolean real;
    private final Rest rest;
    volatile DriverFault armed;
    /** Told something that it has not dealt with, or in a call. */
    private volatile boolean busy = true;
    private volatile boolean over, lost, ended;
    private volatile Call inCall;
    private JournalEntry serving;
    private boolean stood;
    private volatile long begun;
    volatile Thread thread;

    DriverInstance(BlockCore core, String name, BlockDriver driver, StartKind kind) {
        this.core = core;
        this.name = name;
        this.kind = kind;
        inline = core.host.virtual() && core.host.trustsDriver();
        domain = new DomainHandle(core, this);
        code = new DriverCode(this, driver);
        watchdog = new Watchdog(this, core.host.virtual());
        real = !core.host.virtual();
        rest = new Rest(core, this);
        work = core.lock.newCondition();
        quiet = core.lock.newCondition();
        tell(Call.START, null, 0);
    }

    // Under the lock

    void tell(Call c, Object subject, long sequence) {
        if (over || lost) {
            return;
        }
        if (real && c == Call.COMPLETED) {
            calls.addAnswer(subject, sequence);
        } else {
            calls.add(c, subject, sequence);
        }
        busy = true;
        if (real || asleep) {
            wake();
        }
    }

    /** In real time from any thread, without the lock; else under it. */
    void wake() {
        if (!real) {
            work.signal();
        } else {
            rest.wake();
        }
    }

    /** It does not look into the rings: in virtual time it never does, in real time it sleeps. */
    boolean rests() { return !real || rest.asleep(); }

    /** Asks whether it is well, unless it has such a question before it already. */
    void askAlive() {
        if (!code.aliveAsked) {
            code.aliveAsked = true;
            tell(Call.ALIVE, null, 0);
        }
    }

    /** From here on it can do nothing. Its thread ends when the call that it is in, if any, comes back. */
    void fence() {
        over = true;
        domain.revoke();
        calls.clear();
        // without a thread of its own it ends in the next turn
        busy |= inline && !ended;
        wake();
        ThreadEnd.soon(this, core);
    }

    /** It does not come back: nobody waits for it any more, and it can do nothing. */
    void lose() {
        lost = true;
        domain.revoke();
        core.showAnswers();
        quiet.signalAll();
        ThreadEnd.now(this, core);
    }

    /** It took over. */
    void stands() { stood = true; }

    boolean stood() { return stood; }
    /** The driver is just being told of it. */
    boolean serves(JournalEntry e) { return serving == e; }
    boolean lost() { return lost; }
    boolean ended() { return ended; }
    /** What it is doing, null at rest. */
    Call inCall() { return inCall; }
    /** For reports. */
    String callName() {
        Call c = inCall;
        return (c == null ? Call.STOP : c).word();
    }

    /** Calls that it was given until now. */
    long begun() { return begun; }

    // Its thread

    @Override public void run() {
        thread = Thread.currentThread();
        core.lock.lock();
        try {
            while (!over && !lost) {
                if (!calls.isEmpty()) {
                    serve();
                } else if (!real || !looks()) {
                    rest();
                }
            }
            core.showAnswers();
        } finally {
            core.lock.unlock();
            end();
        }
    }

    private void end() {
        begun++;
        inCall = Call.STOP;
        try {
            if (!lost) {
                code.call(Call.STOP, null);
            }
        } catch (Throwable t) {
            code.words(Call.STOP, t);
        }
        core.lock.lock();
        try {
            inCall = null;
            if (!inline) {
                // the thread is somebody else's from here on
                DriverFence.lower(thread);
                Thread.interrupted();
            }
            code.drop();
            ended = true;
            busy = false;
            core.supervisor.ended(this);
            quiet.signalAll();
        } finally {
            core.lock.unlock();
        }
    }

    /** Nothing to do: shows answers and lets those go on who wait. False when there is something again. */
    private boolean settle() {
        core.showAnswers();
        unshown = 0;
        core.supervisor.rests(this);
        if (!calls.isEmpty() || over || lost) {
            return false;
        }
        busy = false;
        if (waiters > 0) {
            quiet.signalAll();
        }
        return true;
    }

    /** Sleeps when there is nothing to do. */
    private void rest() {
        if (!settle()) {
            return;
        }
        if (real) {
            rest.await();
            return;
        }
        core.lock.unlock();
        spinWhile(false);
        core.lock.lock();
        asleep = true;
        while (!busy && !over && !lost) {
            work.awaitUninterruptibly();
        }
        asleep = false;
    }

    /** In charge, in real time: looks into the rings. */
    boolean looks() { return charged() && core.doorbell.look(); }

    boolean charged() { return core.supervisor.current() == this; }

    /** There is something to do, or it is over. */
    boolean wanted() { return busy || over || lost; }

    private void spinWhile(boolean value) {
        long until = System.nanoTime() + SPIN_NANOS;
        do {
            for (int i = 0; i < 32; i++) {
                if (busy != value || over || lost) {
                    return;
                }
                Thread.onSpinWait();
            }
        } while (System.nanoTime() < until);
    }

    private void serve() {
        calls.take();
        Call c = calls.call;
        Object subject = calls.subject;
        long sequence = calls.sequence;
        calls.subject = null;
        if (subject instanceof JournalEntry e) {
            if (!e.current(sequence, c == Call.REQUEST ? JournalEntry.State.TAKEN : JournalEntry.State.DONE)) {
                return;
            }
            e.shownAt = core.host.timeline().now();
            serving = e;
            subject = e.handle(domain);
        }
        domain.refuel();
        begun++;
        inCall = c;
        String failure = null;
        core.lock.unlock();
        try {
            code.call(c, subject);
        } catch (Throwable t) {
            failure = code.words(c, t);
        } finally {
            // an overflow of the stack may have come between the lock and its release
            while (core.lock.isHeldByCurrentThread()) {
                core.lock.unlock();
            }
            core.lock.lock();
            inCall = null;
            serving = null;
        }
        if (lost) {
            return;
        }
        if (failure != null) {
            core.supervisor.failed(this, c, failure);
        } else if (c == Call.START && !over) {
            core.supervisor.started(this);
        }
        if (++unshown >= BATCH) {
            unshown = 0;
            core.showAnswers();
        }
    }

    // Others' threads, without the lock

    /** Does its work, on the caller's thread, until there is nothing more to do. */
    private void workHere() {
        core.lock.lock();
        try {
            if (thread != null) {
                waiters++;
                while (busy) {
                    quiet.awaitUninterruptibly();
                }
                waiters--;
                return;
            }
            thread = Thread.currentThread();
            while (!over && (!calls.isEmpty() || !settle())) {
                if (!calls.isEmpty()) {
                    serve();
                }
            }
            if (!over) {
                thread = null;
                return;
            }
            core.showAnswers();
        } finally {
            core.lock.unlock();
        }
        end();
    }

    /** Waits until it has nothing more to do, or is given up. */
    void awaitQuiet() {
        if (inline) {
            workHere();
            return;
        }
        spinWhile(true);
        if (!busy || lost) {
            return;
        }
        core.lock.lock();
        try {
            waiters++;
            while (busy && !lost) {
                if (!sleptWell() && watchdog.hangs()) {
                    core.supervisor.hangs(this);
                }
            }
        } finally {
            waiters--;
            core.lock.unlock();
        }
    }

    private boolean sleptWell() {
        try {
            return quiet.awaitNanos(Watchdog.SAMPLE_NANOS) > 0;
        } catch (InterruptedException e) {
            // whoever waits here has a machine to drive; the wish to end comes back to him
            quiet.awaitUninterruptibly();
            Thread.currentThread().interrupt();
            return true;
        }
    }

    boolean busy() { return busy && !lost; }
}
