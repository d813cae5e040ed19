package xen.disk.cello;

import xen.disk.shared.ByClient;
import xen.kernel.api.block.DiskHost;
import xen.kernel.api.block.DiskRequest;
import xen.kernel.api.block.DiskScheduler;
import xen.kernel.api.block.ServiceClass;

/**
 * Two levels on two time scales, after Shenoy and Vin (Cello, SIGMETRICS 1998; doi 10.1145/277851.277871).
 *
 * <p>Level 1, coarse: in each interval the classes that want the disk have equal parts of it, in disk time or in bytes, and in a class
 * each client has a part by its weight. A request moves to the scheduled queue when its client has some of its part left; real-time
 * clients are asked first, then interactive ones, then throughput. When nobody who waits has anything left, the part that others do not
 * want now is theirs, smallest use for its weight first: the disk is never idle while somebody waits. Estimates are charged when a
 * request moves and corrected by what it took.
 *
 * <p>Level 2, fine: where it goes in the scheduled queue: real time by deadline, interactive as near the head as the slack of
 * real-time requests allows, throughput at the end in the order of the sweep.
 *
 * <p>Deviations from the paper: an interval ends when all who want the disk have used up their part, not with the clock; what a client
 * overdraws is owed in the next one; parts inside a class go by virtual disk.
 */
final class Cello implements DiskScheduler {
    /** Length of an interval, in nanoseconds of disk time or in sectors. */
    static final long INTERVAL = 250_000_000L, INTERVAL_SECTORS = 16_384;
    /** Requests beyond this many that level 1 moves ahead of the disk, and throughput requests at the disk beside interactive clients. */
    static final int AHEAD = 4, BESIDE_INTERACTIVE = 2;
    /** An interactive client counts as present for that long. */
    private static final long PRESENCE = 200_000_000L;

    private static final int REALTIME = 0, INTERACTIVE = 1, THROUGHPUT = 2, CLASSES = 3;

    private final boolean bytes;
    private final ByClient<Share> shares = new ByClient<>(Share::new);
    private final Scheduled scheduled = new Scheduled();
    private DiskHost host;
    private int waiting, throughputAtDisk;
    private long interactiveSeen, position;

    Cello(boolean bytes) { this.bytes = bytes; }

    @Override public void start(DiskHost h) {
        host = h;
        shares.clear();
        scheduled.clear();
        waiting = 0;
        throughputAtDisk = 0;
        interactiveSeen = Long.MIN_VALUE / 2;
    }

    @Override public void add(DiskRequest r) {
        Share s = shares.get(r.client);
        if (!s.active) {
            s.active = true;
            // who comes in the middle of an interval need not wait for the next one; the others' parts shrink
            for (Share o : shares.all()) {
                o.allocation = o.active ? part(o) : o.allocation;
            }
        }
        s.add(r);
        waiting++;
        if (r.client.serviceClass() == ServiceClass.INTERACTIVE) {
            interactiveSeen = host.now();
        }
    }

    private long cost(DiskRequest r) { return bytes ? r.sectors : r.estimate; }

    @Override public DiskRequest next(long now) {
        move(now);
        DiskRequest r = scheduled.peek();
        if (r == null) {
            return null;
        }
        ServiceClass c = r.client.serviceClass();
        // a disk that does many at once is not filled up while somebody may come who waits for each answer
        if (c == ServiceClass.THROUGHPUT && throughputAtDisk >= BESIDE_INTERACTIVE && now - interactiveSeen < PRESENCE) {
            return null;
        }
        r.place = c;
        throughputAtDisk += c == ServiceClass.THROUGHPUT ? 1 : 0;
        return scheduled.poll();
    }

    /** Level 1: fills the scheduled queue as far as the disk will soon need it; who may go ahead of others in it is not kept waiting. */
    private void move(long now) {
        while (waiting > 0) {
            Share s = choose();
            if (scheduled.size() >= AHEAD && (s.left() <= 0 || rank(s) == THROUGHPUT)) {
                return;
            }
            DiskRequest r = s.poll();
            waiting--;
            s.underWay++;
            r.estimate = host.estimate(r);
            s.used += cost(r);
            position = r.lba;
            scheduled.insert(r, now);
        }
    }

    private Share choose() {
        Share s = best(true);
        if (s == null && !somebodyHasLeft()) {
            begin();
            s = best(true);
        }
        // what others do not want now is anybody's
        return s != null ? s : best(false);
    }

    /** Somebody whose requests are all at the disk may come back for the rest of his part. */
    private boolean somebodyHasLeft() {
        for (Share s : shares.all()) {
            if (s.underWay > 0 && s.left() > 0) {
                return true;
            }
        }
        return false;
    }

    /** Within the parts: class first, throughput clients in the order of the sweep, others by least use for their weight. */
    private Share best(boolean withinPart) {
        Share best = null;
        for (Share s : shares.all()) {
            if (s.waiting() > 0 && (!withinPart || s.left() > 0) && (best == null || before(s, best, withinPart))) {
                best = s;
            }
        }
        return best;
    }

    private boolean before(Share a, Share b, boolean withinPart) {
        if (!withinPart) {
            // whatever the class: who took least beyond his part
            return a.left() * b.client.weight() > b.left() * a.client.weight();
        }
        int x = rank(a), y = rank(b);
        if (x != y) {
            return x < y;
        }
        if (x == THROUGHPUT) {
            return Long.compareUnsigned(a.nextLba() - position, b.nextLba() - position) < 0;
        }
        return a.used * b.client.weight() < b.used * a.client.weight();
    }

    private static int rank(Share s) {
        return switch (s.client.serviceClass()) {
            case REALTIME -> REALTIME;
            case INTERACTIVE -> INTERACTIVE;
            case THROUGHPUT -> THROUGHPUT;
        };
    }

    /** Equal parts for the classes that are active, in each by weight. */
    private long part(Share s) {
        int classes = 0;
        long weights = 0;
        for (Share o : shares.all()) {
            if (o.active) {
                classes |= 1 << rank(o);
                weights += rank(o) == rank(s) ? o.client.weight() : 0;
            }
        }
        return Math.max(1, (bytes ? INTERVAL_SECTORS : INTERVAL) / Integer.bitCount(classes) * s.client.weight() / weights);
    }

    /** A new interval: debts are kept, savings by who is busy. */
    private void begin() {
        for (Share s : shares.all()) {
            s.active |= s.busy();
        }
        for (Share s : shares.all()) {
            long part = s.active ? part(s) : 0;
            long left = s.left();
            s.used = s.busy() ? Math.max(-left, -part) : Math.max(0, -left);
            s.allocation = part;
        }
        for (Share s : shares.all()) {
            s.active = s.busy();
        }
    }

    @Override public void completed(DiskRequest r, long serviceNanos) {
        throughputAtDisk -= r.place == ServiceClass.THROUGHPUT ? 1 : 0;
        Share s = shares.get(r.client);
        s.underWay = Math.max(0, s.underWay - 1);
        if (!bytes) {
            s.used += serviceNanos - r.estimate;
        }
        if (r.client.serviceClass() == ServiceClass.INTERACTIVE) {
            interactiveSeen = host.now();
        }
    }
}
