package xen.hw.disk;

import org.osgi.service.component.annotations.Component;
import xen.kernel.api.block.BlockOp;
import xen.kernel.api.block.DiskModel;
import xen.kernel.api.block.DiskModelFactory;

/**
 * A flash disk on a SATA link: eight channels with four dies each, the address space striped over them in pages of 16 KiB. A die senses a
 * page in 60 us and goes on to the next while the channel carries the last away (cache reads); a read of 4 KiB takes some 70 us. A write
 * takes some 20 us, because it ends in the disk's own buffer until the dies are behind. A die interrupts its programming for a read after
 * 48 us. The link carries 550 MB/s, and some 100,000 commands a second.
 */
final class SsdModel implements DiskModel {
    /** The service. */
    @Component(property = "xen.disk.model=ssd")
    public static final class Factory implements DiskModelFactory {
        @Override public DiskModel create(long sectors) { return new SsdModel(); }
    }

    /** Sectors of a page. */
    static final int CHANNELS = 8, DIES = 32, PAGE = 32;
    private static final long SENSE = 60_000, BUS_PER_SECTOR = 1_200, PROGRAM_PER_SECTOR = 24_000, SUSPEND = 48_000;
    private static final long COMMAND = 2_000, LINK_PER_SECTOR = 930, WRITE_BUFFER = 15_000, BUFFER_AHEAD = 4_000_000, FLUSH = 200_000;

    /** When each die is ready to sense another page, when it has programmed what is buffered for it, when each channel is free. */
    private final long[] sensesFrom = new long[DIES], programsUntil = new long[DIES], busUntil = new long[CHANNELS];
    private long linkUntil;

    @Override public int depth() { return 32; }

    @Override public long start(long now, BlockOp op, long sector, int sectors) { return plan(now, op, sector, sectors, true); }

    @Override public long estimate(long now, BlockOp op, long sector, int sectors) { return plan(now, op, sector, sectors, false) - now; }

    private long plan(long now, BlockOp op, long sector, int sectors, boolean commit) {
        if (op == BlockOp.FLUSH) {
            return now + FLUSH;
        }
        if (op == BlockOp.DISCARD) {
            return now + WRITE_BUFFER;
        }
        long link = Math.max(now, linkUntil) + COMMAND + LINK_PER_SECTOR * sectors;
        long end = op == BlockOp.READ ? now : now + WRITE_BUFFER;
        for (int done = 0; done < sectors;) {
            int n = (int) Math.min(sectors - done, PAGE - (sector + done) % PAGE);
            int page = (int) ((sector + done) / PAGE % DIES);
            end = Math.max(end, op == BlockOp.READ ? read(now, page, n, commit) : write(now, page, n, commit) - BUFFER_AHEAD);
            done += n;
        }
        if (commit) {
            linkUntil = link;
        }
        return Math.max(link, end);
    }

    private long read(long now, int die, int n, boolean commit) {
        long from = Math.max(Math.max(now, sensesFrom[die]), Math.min(programsUntil[die], now + SUSPEND));
        int channel = die % CHANNELS;
        long to = Math.max(from + SENSE, busUntil[channel]) + BUS_PER_SECTOR * n;
        if (commit) {
            sensesFrom[die] = from + SENSE;
            programsUntil[die] += programsUntil[die] > now ? SENSE : 0;
            busUntil[channel] = to;
        }
        return to;
    }

    private long write(long now, int die, int n, boolean commit) {
        long to = Math.max(now, Math.max(sensesFrom[die], programsUntil[die])) + PROGRAM_PER_SECTOR * n;
        if (commit) {
            programsUntil[die] = to;
        }
        return to;
    }
}
