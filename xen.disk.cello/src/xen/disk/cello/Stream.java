package xen.disk.cello;

import xen.kernel.api.block.DiskHost;
import xen.kernel.api.block.DiskRequest;

/**
 * Level 2 of Cello for throughput clients: one has the disk until it is half a visit in debt, so that its run of sequential requests stays
 * together. Who follows is, of those in credit, the one that the disk reaches soonest; credit counts against the way, so that a long way is
 * gone by who can afford it. The same after an interruption, when a way has to be gone anyway.
 *
 * <p>A request under way cannot be called back: whoever comes meanwhile waits for the whole of a long way, and then goes the long way back.
 * So while interactive clients are there, a way of much more than half of the longest is not gone in one: a stream that lies between is
 * served for a while, on account.
 */
final class Stream {
    /** A rest of a visit that is not worth the way: one that was interrupted ends at that part of it in debt. */
    private static final int REST = 3;
    /** Disk time that the stream on the way gets. */
    private static final long BETWEEN = 5_000_000;

    private Share holder;
    private boolean interrupted, back;
    /** The holder's credit at which its visit ends. */
    private long leftAtEnd;

    void clear() { holder = null; }

    /** The disk was elsewhere. */
    void interrupt() { interrupted = true; }

    /** What goes on with the present run, or null. */
    DiskRequest next() { return goesOn() ? holder.peek() : null; }

    /** The last choice was the first one after an interruption. */
    boolean goesBack() { return back; }

    private boolean goesOn() {
        return holder != null && !interrupted && holder.waiting() > 0 && holder.throughput() && holder.left > leftAtEnd;
    }

    /** Whose turn it is, or null when no throughput client waits. */
    Share choose(Shares shares, DiskHost host, long longest) {
        back = false;
        if (goesOn()) {
            return holder;
        }
        Share best = nearest(shares, host);
        if (best == null) {
            return null;
        }
        leftAtEnd = -best.visit / 2;
        long far = longest * 5 / 8;
        if (shares.interrupted() && longest >= Cello.WAY && host.estimate(best.peek()) > far) {
            Share between = between(shares, host, best.peek().lba, far);
            if (between != null && between != best) {
                best = between;
                leftAtEnd = best.left - BETWEEN;
            }
        }
        holder = best;
        back = interrupted;
        interrupted = false;
        return best;
    }

    /** Of those in credit the one that the disk reaches soonest; who has waited too long goes first. */
    private Share nearest(Shares shares, DiskHost host) {
        Share best = null, first = null;
        long least = Long.MAX_VALUE;
        for (Share s : shares.all()) {
            if (s.waiting() == 0 || !s.throughput()) {
                continue;
            }
            if (first == null || s.left * first.visit > first.left * s.visit) {
                first = s;
            }
            if (s.left > (s == holder ? -s.visit / REST : 0)) {
                long takes = host.estimate(s.peek()) - s.left;
                if (takes < least) {
                    least = takes;
                    best = s;
                }
            }
        }
        return best == null || first.left > first.visit ? first : best;
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
