package xen.disk.cello;

import xen.kernel.api.block.DiskClient;
import xen.kernel.api.block.DiskHost;
import xen.kernel.api.block.DiskRequest;
import xen.kernel.api.block.DiskScheduler;
import xen.kernel.api.block.ServiceClass;

/**
 * Two levels on two time scales, after Shenoy and Vin (Cello, SIGMETRICS 1998; doi 10.1145/277851.277871).
 *
 * <p>Level 1, coarse ({@link Shares}): who may, by weight over an interval that slides. Estimates are charged when a request is chosen and
 * corrected by what it took. What others do not want is anybody's, so the disk is never idle while somebody waits, except for
 * {@link Anticipation}.
 *
 * <p>Level 2, fine: real-time requests by deadline, interactive ones before them where slack allows ({@link Scheduled}), both ahead of
 * throughput clients, which have the disk one after the other for long runs ({@link Stream}). A real-time request that has time yet waits
 * for a run to end. {@link Beside} keeps the disk's own queue from undoing that.
 *
 * <p>Deviations from the paper: the interval slides with the disk's work, it does not begin and end by the clock; parts inside a
 * class go by virtual disk; throughput requests are not put into the scheduled queue ahead of time; real-time clients take what was
 * admitted ({@link Admission}), what they ask beyond their rate is interactive.
 */
final class Cello implements DiskScheduler {
    /** Interactive requests that level 1 moves ahead of the disk: among them the nearest goes first. */
    static final int AHEAD = 4;
    /** A disk whose longest request takes less has no ways worth saving. */
    static final long WAY = 2_000_000;
    /** Later by so much is not later. */
    private static final long FREE = 200_000;
    /** An interactive request can wait until it takes that many sixteenths of what one takes at the disk. */
    private static final int PATIENCE = 30;
    /** Place of a throughput request whose service is the way back after an interruption. */
    private static final Object BACK = new Object();

    private final boolean bytes;
    private final Shares shares;
    private final Scheduled scheduled = new Scheduled();
    private final Stream stream = new Stream();
    private final Anticipation anticipation = new Anticipation();
    private final Beside beside = new Beside();
    private final Longest longest = new Longest();
    private DiskHost host;
    private int waiting, throughputAtDisk;
    private long lastUrgent = Long.MIN_VALUE / 2;
    /** A real-time request could not have waited for the throughput request that was chosen. */
    private boolean mustGo;

    Cello(boolean bytes) {
        this.bytes = bytes;
        shares = new Shares(bytes);
    }

    @Override public void start(DiskHost h) {
        host = h;
        shares.clear();
        scheduled.clear();
        stream.clear();
        anticipation.clear();
        beside.clear();
        longest.clear();
        waiting = throughputAtDisk = 0;
    }

    @Override public String refusal(DiskClient c, Iterable<? extends DiskClient> others) { return Admission.refusal(c, others, host); }

    @Override public void add(DiskRequest r) {
        long now = host.now();
        Share s = shares.get(r.client);
        ServiceClass c = r.client.serviceClass();
        if (c == ServiceClass.REALTIME && Admission.conforms(s, r)) {
            r.place = ServiceClass.REALTIME;
            r.estimate = host.estimate(r);
            longest.ask(r, host, now);
            s.underWay++;
            scheduled.insert(r, now);
            beside.asked(r, host, now);
            return;
        }
        r.place = c == ServiceClass.THROUGHPUT ? c : ServiceClass.INTERACTIVE;
        s.add(r, now);
        waiting++;
        if (!s.active) {
            shares.join(s);
        }
        if (c != ServiceClass.THROUGHPUT) {
            beside.asked(r, host, now);
        }
    }

    @Override public DiskRequest next(long now) {
        interactive(now);
        DiskRequest head = scheduled.peek();
        if (head != null && (!Scheduled.realTime(head) || scheduled.interactive() > 0 || longest.nanos() < WAY) && !oneMoreOfTheRun(head, now)) {
            return urgentOne(now);
        }
        DiskRequest r = throughput(now);
        return r == null && head != null && scheduled.size() > 0 && (waiting == 0 || host.outstanding() > 0 || mustGo) ? urgentOne(now) : r;
    }

    /**
     * The run under way may go on for one more request before an interactive one: while the disk turns to the interactive one's place the
     * request is free, and one that is early enough can wait a little. Pays only where ways are long.
     */
    private boolean oneMoreOfTheRun(DiskRequest head, long now) {
        if (longest.nanos() < WAY || Scheduled.realTime(head) || scheduled.size() > 1) {
            return false;
        }
        DiskRequest r = stream.next();
        if (r == null) {
            return false;
        }
        long takes = host.estimate(r);
        if (takes > WAY) {
            return false;
        }
        long end = now + takes + host.estimateIn(head, takes);
        return end <= now + host.estimate(head) + FREE || end - head.arrived <= shares.get(head.client).service * PATIENCE / 16;
    }

    /** The head of the scheduled queue; a real-time request behind it that could not wait for that goes first. */
    private DiskRequest urgentOne(long now) {
        stream.interrupt();
        lastUrgent = now;
        return scheduled.poll(host, now, longest.nanos());
    }

    /** Level 1 for interactive clients: within their parts, smallest use for their weight first. */
    private void interactive(long now) {
        while (waiting > 0 && scheduled.interactive() < AHEAD) {
            Share best = null;
            for (Share s : shares.all()) {
                if (s.waiting() > 0 && !s.throughput() && s.left > 0
                        && (best == null || s.left * best.client.weight() > best.left * s.client.weight())) {
                    best = s;
                }
            }
            if (best == null) {
                return;
            }
            DiskRequest r = take(best);
            shares.charge(best, shares.cost(r.estimate, r.sectors));
            scheduled.insert(r, now);
        }
    }

    /** Leaves its client's queue. */
    private DiskRequest take(Share s) {
        DiskRequest r = s.poll();
        waiting--;
        s.underWay++;
        r.estimate = host.estimate(r);
        return r;
    }

    /** Nobody waits for an answer who may have one now. */
    private DiskRequest throughput(long now) {
        mustGo = false;
        if (waiting == 0) {
            return null;
        }
        shares.interrupted(now - lastUrgent < Beside.PRESENCE);
        Share s = stream.choose(shares, host, longest.nanos());
        if (s == null) {
            // only interactive clients wait, for more than their part: what others do not want is anybody's
            shares.replenish();
            interactive(now);
            return scheduled.interactive() > 0 ? urgentOne(now) : null;
        }
        DiskRequest r = s.peek();
        if (throughputAtDisk > 0 && !beside.admits(r, host, now, throughputAtDisk)) {
            return null;
        }
        if (host.outstanding() == 0) {
            long until = anticipation.until(now, host.estimate(r));
            if (until > now) {
                host.wakeAt(until);
                return null;
            }
        }
        mustGo = !scheduled.canWait(now + host.estimate(r), longest.nanos());
        if (mustGo) {
            return null;
        }
        take(s);
        boolean back = stream.goesBack() && !bytes && longest.nanos() >= WAY;
        if (!back) {
            shares.charge(s, shares.cost(r.estimate, r.sectors));
        }
        r.place = back ? BACK : ServiceClass.THROUGHPUT;
        throughputAtDisk++;
        return r;
    }

    @Override public void completed(DiskRequest r, long serviceNanos) {
        long now = host.now();
        Share s = shares.get(r.client);
        if (r.place == ServiceClass.THROUGHPUT || r.place == BACK) {
            throughputAtDisk = Math.max(0, throughputAtDisk - 1);
        } else {
            beside.answered(now);
        }
        if (r.place == BACK) {
            shares.uncharged(serviceNanos);
        } else if (!bytes && r.place != ServiceClass.REALTIME) {
            shares.charge(s, serviceNanos - r.estimate);
        }
        longest.took(now, serviceNanos);
        scheduled.margin = longest.nanos() < WAY ? 0 : longest.nanos();
        s.done(now, serviceNanos);
        anticipation.completed(s);
    }
}
