package xen.disk.cello;

import xen.kernel.api.block.DiskHost;
import xen.kernel.api.block.DiskRequest;

/**
 * Level 2 of Cello for throughput clients: one has the disk until its part of the interval is used up, so that its run of sequential
 * requests stays together. Who follows is the one that the disk reaches soonest, with some favour for who has much of its part left; the
 * same after an interruption, when a way has to be gone anyway.
 *
 * <p>A request under way cannot be called back: whoever comes meanwhile waits for the whole of a long way, and then goes the long way back.
 * So while interactive clients are there, a way of much more than half of the longest is not gone in one: a stream that lies between is served for a
 * while, on account.
 */
final class Stream {
    /** A rest of the part that is less than this fraction of it does not pay the way; it is kept for the next interval. */
    private static final int REST = 3;
    /** What is left of a part counts against the way, in this fraction. */
    private static final int FAVOUR = 50;
    /** Disk time that the stream on the way gets. */
    private static final long BETWEEN = 5_000_000;

    private Share holder;
    private boolean interrupted, back;
    /** The holder is one on the way: until when by its books; else {@link Long#MAX_VALUE}. */
    private long usedAtEnd = Long.MAX_VALUE;

    void clear() {
        holder = null;
        usedAtEnd = Long.MAX_VALUE;
    }

    /** The disk was elsewhere. */
    void interrupt() { interrupted = true; }

    /** What goes on with the present run, or null. */
    DiskRequest next() { return goesOn() ? holder.peek() : null; }

    /** The last choice was the first one after an interruption. */
    boolean goesBack() { return back; }

    private boolean goesOn() {
        return holder != null && !interrupted && holder.waiting() > 0 && holder.throughput()
                && (usedAtEnd == Long.MAX_VALUE ? holder.left() > 0 : holder.used < usedAtEnd);
    }

    /** Whose turn it is within the parts, or null. */
    Share choose(Shares shares, DiskHost host, long longest) {
        back = false;
        if (goesOn()) {
            return holder;
        }
        Share best = nearest(shares, host);
        if (best == null) {
            return null;
        }
        usedAtEnd = Long.MAX_VALUE;
        long far = longest * 5 / 8;
        if (shares.interrupted && longest >= Cello.WAY && host.estimate(best.peek()) > far) {
            Share between = between(shares, host, best.peek().lba, far);
            if (between != null && between != best) {
                best = between;
                usedAtEnd = best.used + shares.part(BETWEEN);
            }
        }
        holder = best;
        back = interrupted;
        interrupted = false;
        return best;
    }

    private static Share nearest(Shares shares, DiskHost host) {
        Share best = null;
        long least = Long.MAX_VALUE;
        for (Share s : shares.all()) {
            if (s.waiting() == 0 || !s.throughput() || s.left() <= (shares.interrupted ? s.part / REST : 0)) {
                continue;
            }
            long takes = host.estimate(s.peek()) - shares.time(s.left()) / FAVOUR;
            if (takes < least) {
                least = takes;
                best = s;
            }
        }
        return best;
    }

    /** Of those that are not far: the nearest to the target. */
    private static Share between(Shares shares, DiskHost host, long target, long far) {
        Share best = null;
        long nearest = Long.MAX_VALUE;
        for (Share s : shares.all()) {
            if (s.waiting() == 0 || !s.throughput()) {
                continue;
            }
            DiskRequest r = s.peek();
            long distance = Math.abs(r.lba - target);
            if (distance < nearest && host.estimate(r) <= far) {
                nearest = distance;
                best = s;
            }
        }
        return best;
    }
}
