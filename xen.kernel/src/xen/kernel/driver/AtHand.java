package xen.kernel.driver;

import java.util.ArrayDeque;

/**
 * Transfers that the thread of a driver instance makes itself, in real time, at the end of the call of the capability that started them:
 * those that the image can do without waiting. Nobody has to be woken for them. The others go on to the I/O threads. On that thread
 * alone.
 */
final class AtHand {
    private final DriverInstance instance;
    private final ArrayDeque<JournalEntry> transfers = new ArrayDeque<>();

    AtHand(DriverInstance instance) { this.instance = instance; }

    /** Under the lock, from any thread: takes the transfer if it will be made at the end of the caller's own call. */
    boolean take(JournalEntry e) { return Thread.currentThread() == instance.thread && instance.domain.inCore() && transfers.add(e); }

    /** Without the lock: makes what was taken, and what comes of it. */
    void make() {
        for (JournalEntry e; (e = transfers.poll()) != null;) {
            e.ring.vbd.queue.here(e);
        }
    }
}
