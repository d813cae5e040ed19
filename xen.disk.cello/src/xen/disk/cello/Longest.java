package xen.disk.cello;

import xen.kernel.api.block.DiskHost;
import xen.kernel.api.block.DiskRequest;

/**
 * The longest that a request took at the disk lately: in the running period and the one before. Before anything was promised by it, and
 * once a period, the disk is asked too: long ways are rare while streams have it.
 */
final class Longest {
    static final long PERIOD = 10_000_000_000L;

    private static final int PROBES = 64;

    private final DiskRequest probe = new DiskRequest();
    private long present, before, since = Long.MIN_VALUE / 2, asked = Long.MIN_VALUE / 2;

    void clear() {
        present = before = 0;
        since = asked = Long.MIN_VALUE / 2;
    }

    /** Somebody comes who is promised a deadline. */
    void ask(DiskRequest r, DiskHost host, long now) {
        if (now - asked < PERIOD) {
            return;
        }
        asked = now;
        probe.client = r.client;
        probe.op = r.op;
        probe.sectors = r.sectors;
        for (int i = 0; i < PROBES; i++) {
            probe.lba = (host.sectors() / PROBES * i + i * 37L) & -8;
            took(now, host.estimate(probe));
        }
        probe.client = null;
    }

    void took(long now, long nanos) {
        if (now - since >= PERIOD) {
            before = now - since >= 2 * PERIOD ? 0 : present;
            present = 0;
            since = now;
        }
        present = Math.max(present, nanos);
    }

    long nanos() { return Math.max(present, before); }
}
