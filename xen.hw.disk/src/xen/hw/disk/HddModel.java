package xen.hw.disk;

import org.osgi.service.component.annotations.Component;
import xen.kernel.api.block.BlockOp;
import xen.kernel.api.block.DiskModel;
import xen.kernel.api.block.DiskModelFactory;

/**
 * A disk of 7,200 turns a minute, after the model of Ruemmler and Wilkes (An Introduction to Disk Drive Modeling, IEEE Computer 1994): seek
 * time grows with the root of short distances and linearly with long ones, then the head waits for the sector to come round, then a
 * track passes in one turn. Outer zones hold more sectors a track; tracks are skewed by the time of a head switch.
 *
 * <p>After a read the head reads on as long as nobody needs it elsewhere, at most {@link #READ_AHEAD}; what it passed stays in the
 * {@link ReadCache}. A write is answered when it is on the plate; one that goes on where the last ended was taken into the buffer
 * meanwhile and loses no turn.
 */
final class HddModel implements DiskModel {
    /** The service. */
    @Component(property = "xen.disk.model=hdd")
    public static final class Factory implements DiskModelFactory {
        @Override public DiskModel create(long sectors) { return new HddModel(sectors); }
    }

    static final long TURN = 8_333_333, OVERHEAD = 100_000, HEAD_SWITCH = 800_000, FLUSH = 1_000_000, LINK_PER_SECTOR = 1_700;
    /** Sectors. */
    static final int READ_AHEAD = 1024;
    /** A write that comes that soon after the one it continues was in the buffer in time. */
    private static final long BUFFERED = 1_000_000;
    private static final int ZONES = 8, OUTER = 2000, INNER = 1000;
    /** Seek, in microseconds: root law below, linear above that many cylinders; 0.8 ms to the next track, 8.5 ms a third of the disk, 17 ms all. */
    private static final int CYLINDERS = 200_000, SHORT = 40_000;

    private final long sectors;
    private final ReadCache cache = new ReadCache();
    private int cylinder;
    /** The head was over this sector at that time and goes on reading; {@code headAt} is in the future while a request is done. */
    private long headSector, headAt;
    /** What it reads on for: from the first sector of the run to where it stops; nothing when both are equal. */
    private long runFrom, runTo;
    private long written = -1;

    HddModel(long sectors) { this.sectors = Math.max(sectors, 1); }

    @Override public int depth() { return 1; }

    private int perTrack(long sector) {
        int zone = (int) Math.min(ZONES - 1, Math.max(0, sector) * ZONES / sectors);
        return OUTER - (OUTER - INNER) * zone / (ZONES - 1);
    }

    private int cylinderOf(long sector) {
        return (int) Math.min(CYLINDERS - 1, (long) (Math.max(0.0, sector) / sectors * CYLINDERS));
    }

    static long seek(int distance) {
        if (distance == 0) {
            return 0;
        }
        double us = distance < SHORT ? 800 + 5200 * Math.sqrt((double) distance / SHORT) : 6000 + 11000.0 * (distance - SHORT) / (CYLINDERS - SHORT);
        return (long) (us * 1000);
    }

    /** Time until the sector is under the head, if the head is on its track at {@code at}. */
    private long rotation(long at, long sector) {
        int n = perTrack(sector);
        long angle = Math.floorMod(sector, n) * TURN / n + sector / n * HEAD_SWITCH;
        return Math.floorMod(angle - at, TURN);
    }

    /** From the beginning of {@code from} to the beginning of {@code to}. */
    private long passing(long from, long to) {
        int n = perTrack(from);
        return TURN * (to - from) / n + HEAD_SWITCH * (to / n - from / n);
    }

    /** Where the head has come to by reading on. */
    private long reached(long now) {
        if (now <= headAt || headSector >= runTo) {
            return headSector;
        }
        int n = perTrack(headSector);
        return Math.min(runTo, headSector + (now - headAt) * n / (TURN + HEAD_SWITCH));
    }

    private boolean readsOn(long sector, int count, long now) {
        return sector >= runFrom && sector + count <= runTo && sector <= reached(now);
    }

    @Override public long start(long now, BlockOp op, long sector, int count) {
        long end = now + estimate(now, op, sector, count);
        if (!op.transfers()) {
            return end;
        }
        long last = sector + count;
        if (op == BlockOp.READ && readsOn(sector, count, now)) {
            runTo = Math.max(runTo, Math.min(last + READ_AHEAD, sectors));
            if (last > headSector) {
                headAt = Math.max(headAt, headAt + passing(headSector, last));
                headSector = last;
            }
            return end;
        }
        if (op == BlockOp.READ && cache.holds(sector, count)) {
            return end;
        }
        cache.keep(runFrom, reached(now));
        cylinder = cylinderOf(last - 1);
        headSector = last;
        headAt = end;
        runFrom = op == BlockOp.READ ? sector : last;
        runTo = op == BlockOp.READ ? Math.min(last + READ_AHEAD, sectors) : last;
        written = op == BlockOp.READ ? -1 : last;
        if (op != BlockOp.READ) {
            cache.drop(sector, last);
        }
        return end;
    }

    @Override public long estimate(long now, BlockOp op, long sector, int count) {
        if (!op.transfers()) {
            return op == BlockOp.FLUSH ? FLUSH : OVERHEAD;
        }
        long link = OVERHEAD + LINK_PER_SECTOR * count;
        if (op == BlockOp.READ) {
            if (readsOn(sector, count, now)) {
                return Math.max(link, headAt + passing(headSector, Math.max(headSector, sector + count)) - now);
            }
            if (cache.holds(sector, count)) {
                return link;
            }
        }
        long transfer = passing(sector, sector + count);
        if (sector == written && now - headAt < BUFFERED) {
            return Math.max(link, headAt + transfer - now);
        }
        long seek = seek(Math.abs(cylinderOf(sector) - cylinder));
        return OVERHEAD + seek + rotation(now + OVERHEAD + seek, sector) + transfer;
    }
}
