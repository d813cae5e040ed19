package xen.bench.lab;

import java.util.ArrayDeque;

/**
 * A lock that vCPUs of a domain spin on, first come, first served, as the queued spin lock of Linux is: when the next in line is not
 * running, everybody behind it spins in vain. With {@code pv} set a waiter blocks after a while and is kicked when its turn comes, as
 * Linux does on Xen without {@code nopvspin}.
 *
 * <p>Times are machine cycles. A waiter on a pCPU that is behind in its window may be given the lock in its own future: it then
 * spins up to that moment, so the hand-over is exact whichever pCPU is simulated first.
 */
final class SpinLock {
    /** A paravirtual waiter spins so long before it blocks: 2^15 turns of a loop in Linux. */
    static final long PV_SPIN = 32_768;

    final boolean pv;
    private final ArrayDeque<LabVcpu> queue = new ArrayDeque<>();
    private LabVcpu owner;
    private long grantedAt;

    SpinLock(boolean pv) { this.pv = pv; }

    /** Takes it, or a place in the queue. */
    void enter(LabVcpu v, long now) {
        if (owner == null) {
            owner = v;
            grantedAt = Math.max(now, grantedAt);
        } else {
            queue.add(v);
        }
    }

    /** Time since which it is {@code v}'s, or -1. */
    long grantedTo(LabVcpu v) { return owner == v ? grantedAt : -1; }

    /** @return who has it now, or null */
    LabVcpu leave(long now) {
        owner = queue.poll();
        grantedAt = now;
        return owner;
    }
}
