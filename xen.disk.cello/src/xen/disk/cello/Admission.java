package xen.disk.cello;

import java.util.Locale;
import xen.kernel.api.block.BlockOp;
import xen.kernel.api.block.DiskClient;
import xen.kernel.api.block.DiskHost;
import xen.kernel.api.block.DiskRequest;
import xen.kernel.api.block.ServiceClass;

/**
 * What real-time clients are promised: a rate of requests, each done by its deadline. A client is admitted when the disk can keep all
 * promises with {@link #MOST} of its time, each request taking what one of {@link #SECTORS} takes on the average from anywhere to anywhere.
 * Beyond its rate a client is not real time.
 */
final class Admission {
    /** Part of the disk's time that may be promised. */
    static final double MOST = 0.75;
    /** Size that a request is taken for. */
    static final int SECTORS = 64;
    /** Requests that may come at once. */
    private static final int BURST = 2;
    private static final long DEFAULT_DEADLINE = 50_000_000, SECOND = 1_000_000_000;
    private static final int PROBES = 64;

    private Admission() {}

    private static long deadline(DiskClient c) { return c.deadlineNanos() > 0 ? c.deadlineNanos() : DEFAULT_DEADLINE; }

    /** Nanoseconds between two requests; without a reservation it is one request a deadline. */
    static long period(DiskClient c) { return c.reservation() > 0 ? SECOND / c.reservation() : deadline(c); }

    /** Takes the request into the promise, and sets its deadline; false when it comes too soon for that. */
    static boolean conforms(Share s, DiskRequest r) {
        long period = period(r.client);
        if (s.nextRelease - r.arrived > (BURST - 1) * period) {
            return false;
        }
        long release = Math.max(r.arrived, s.nextRelease);
        s.nextRelease = release + period;
        r.key = r.arrived + deadline(r.client);
        return true;
    }

    /** Why the client cannot be promised what it asks, or null. */
    static String refusal(DiskClient c, Iterable<? extends DiskClient> others, DiskHost host) {
        if (c.serviceClass() != ServiceClass.REALTIME) {
            return null;
        }
        long takes = average(c, host);
        double before = 0;
        for (DiskClient o : others) {
            before += o.serviceClass() == ServiceClass.REALTIME ? (double) takes / period(o) : 0;
        }
        double its = (double) takes / period(c);
        if (takes * 2 > deadline(c)) {
            return String.format(Locale.ROOT, "a deadline of %d ms cannot be kept: a request takes %.1f ms on the average; ask for %d ms or more",
                    deadline(c) / 1_000_000, takes / 1e6, takes * 2 / 1_000_000 + 1);
        }
        if (before + its > MOST) {
            return String.format(Locale.ROOT, "real time is full: %.0f requests a second of %.1f ms are %.0f %% of the disk's time, %.0f %% are promised already, %.0f %% can be; "
                    + "ask for at most %d requests a second (reservation=), or for class=interactive", (double) SECOND / period(c), takes / 1e6, its * 100, before * 100,
                    MOST * 100, (long) (Math.max(0, MOST - before) * SECOND / takes));
        }
        return null;
    }

    /** Average of requests over the disk, as it is now. */
    private static long average(DiskClient c, DiskHost host) {
        DiskRequest probe = new DiskRequest();
        probe.client = c;
        probe.op = BlockOp.READ;
        probe.sectors = SECTORS;
        long sum = 0;
        for (int i = 0; i < PROBES; i++) {
            probe.lba = (host.sectors() / PROBES * i + i * 37L) & -8;
            sum += host.estimate(probe);
        }
        return sum / PROBES;
    }
}
