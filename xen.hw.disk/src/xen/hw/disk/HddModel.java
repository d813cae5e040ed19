package xen.hw.disk;

import org.osgi.service.component.annotations.Component;
import xen.kernel.api.block.BlockOp;
import xen.kernel.api.block.DiskModel;
import xen.kernel.api.block.DiskModelFactory;

/**
 * A disk of 7,200 turns a minute, after the model of Ruemmler and Wilkes (An Introduction to Disk Drive Modeling, IEEE Computer 1994): seek
 * time grows with the root of short distances and linearly with long ones, then the head waits for the sector to come round, then a
 * track passes in one turn. Outer zones hold more sectors a track. A read-ahead buffer of one track serves sequential reads without
 * rotation. Writes are not buffered: what is answered is on the plate.
 */
final class HddModel implements DiskModel {
    /** The service. */
    @Component(property = "xen.disk.model=hdd")
    public static final class Factory implements DiskModelFactory {
        @Override public DiskModel create(long sectors) { return new HddModel(sectors); }
    }

    static final long TURN = 8_333_333, OVERHEAD = 100_000, HEAD_SWITCH = 800_000, FLUSH = 1_000_000;
    private static final int ZONES = 8, HEADS = 4, OUTER = 2000, INNER = 1000;
    /** Seek, in microseconds: root law below, linear above that many cylinders; 0.8 ms to the next track, 8.5 ms a third of the disk, 17 ms all. */
    private static final int CYLINDERS = 200_000, SHORT = 40_000;

    private final long sectors;
    private int cylinder;
    /** Read-ahead: [from, to) is in the buffer, read at the end of the last request. */
    private long bufferFrom, bufferTo;

    HddModel(long sectors) { this.sectors = Math.max(sectors, 1); }

    @Override public int depth() { return 1; }

    private int zone(long sector) { return (int) Math.min(ZONES - 1, Math.max(0, sector) * ZONES / sectors); }

    private int perTrack(long sector) { return OUTER - (OUTER - INNER) * zone(sector) / (ZONES - 1); }

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
        long angle = Math.floorMod(sector, n) * TURN / n;
        return Math.floorMod(angle - at % TURN, TURN);
    }

    @Override public long start(long now, BlockOp op, long sector, int count) {
        long end = now + estimate(now, op, sector, count);
        if (op.transfers()) {
            cylinder = cylinderOf(sector + count - 1);
            if (op == BlockOp.READ) {
                bufferFrom = sector;
                bufferTo = sector + count + perTrack(sector);
            } else if (sector < bufferTo && bufferFrom < sector + count) {
                bufferFrom = bufferTo = 0;
            }
        }
        return end;
    }

    @Override public long estimate(long now, BlockOp op, long sector, int count) {
        if (!op.transfers()) {
            return op == BlockOp.FLUSH ? FLUSH : OVERHEAD;
        }
        int n = perTrack(sector);
        long transfer = TURN * count / n + HEAD_SWITCH * ((Math.floorMod(sector, n) + count - 1) / n);
        if (op == BlockOp.READ && sector >= bufferFrom && sector + count <= bufferTo) {
            return OVERHEAD + transfer;
        }
        long seek = seek(Math.abs(cylinderOf(sector) - cylinder));
        return OVERHEAD + seek + rotation(now + OVERHEAD + seek, sector) + transfer;
    }
}
