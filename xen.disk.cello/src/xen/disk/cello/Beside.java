package xen.disk.cello;

import xen.kernel.api.block.DiskHost;
import xen.kernel.api.block.DiskRequest;

/**
 * Keeps the queue inside a disk short that does many requests at once. While somebody is there who waits for each answer, a throughput
 * request goes when it would be done soon enough for one that comes now and waits behind it. The disk is not idle for that: one always
 * goes.
 */
final class Beside {
    /** A client counts as present for that long. */
    static final long PRESENCE = 200_000_000;
    /** Most throughput requests at a disk that knows no estimates. */
    private static final int MOST = 8;
    /** Without such clients: a queue inside the disk that is longer than this many requests brings no throughput, and knows no weights. */
    private static final int BACKLOG = 4;

    /** Whatever a disk has begun is done by then. */
    private static final long AT_REST = 60_000_000_000L;

    private long seen = Long.MIN_VALUE / 2, wake = Long.MIN_VALUE;
    /** What a request takes at an idle disk that somebody waits for. */
    private long alone;

    void clear() {
        seen = Long.MIN_VALUE / 2;
        wake = Long.MIN_VALUE;
        alone = 0;
    }

    /** Somebody asks who waits for the answer. */
    void asked(DiskRequest r, DiskHost host, long now) {
        long takes = host.estimateIn(r, AT_REST);
        alone = alone == 0 ? takes : alone + (takes - alone) / 8;
        seen = now;
    }

    void answered(long now) { seen = now; }

    /** False: not yet; the disk asks again in time. */
    boolean admits(DiskRequest r, DiskHost host, long now, int atDisk) {
        if (atDisk == 0) {
            return true;
        }
        boolean present = now - seen < PRESENCE;
        long limit = present ? alone + alone * 3 / 4 : BACKLOG * host.estimateIn(r, AT_REST);
        long late = host.estimate(r) - limit;
        if (late <= 0) {
            return !present || atDisk < MOST;
        }
        if (wake <= now || now + late < wake) {
            wake = now + late;
            host.wakeAt(wake);
        }
        return false;
    }
}
