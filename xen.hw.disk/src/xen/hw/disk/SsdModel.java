package xen.hw.disk;

import org.osgi.service.component.annotations.Component;
import xen.kernel.api.block.BlockOp;
import xen.kernel.api.block.DiskModel;
import xen.kernel.api.block.DiskModelFactory;

/**
 * A flash disk: eight channels that work at once, the address space striped over them in pieces of 16 KiB. A read of 4 KiB takes some 70 us
 * (array time and transfer), a write some 20 us, because it ends in the disk's own buffer until the channel is behind. The host link
 * carries 550 MB/s.
 */
final class SsdModel implements DiskModel {
    /** The service. */
    @Component(property = "xen.disk.model=ssd")
    public static final class Factory implements DiskModelFactory {
        @Override public DiskModel create(long sectors) { return new SsdModel(); }
    }

    private static final int CHANNELS = 8, STRIPE = 32;
    private static final long READ_ARRAY = 60_000, WRITE_BUFFER = 15_000, PROGRAM_PER_SECTOR = 6_000, READ_PER_SECTOR = 1_200, LINK_PER_SECTOR = 930;
    private static final long BUFFER_AHEAD = 4_000_000, FLUSH = 200_000;

    private final long[] busyUntil = new long[CHANNELS];
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
        long link = Math.max(now, linkUntil) + LINK_PER_SECTOR * sectors;
        long end = op == BlockOp.READ ? read(now, sector, sectors, commit) : write(now, sector, sectors, commit);
        if (commit) {
            linkUntil = link;
        }
        return Math.max(link, end);
    }

    private long read(long now, long sector, int sectors, boolean commit) {
        long end = now;
        for (int done = 0; done < sectors;) {
            int n = piece(sector + done, sectors - done);
            int c = channel(sector + done);
            // reads go before buffered programming: they wait for one page of it at most
            long from = Math.max(now, Math.min(busyUntil[c], now + 8 * PROGRAM_PER_SECTOR));
            long to = from + READ_ARRAY + READ_PER_SECTOR * n;
            if (commit) {
                busyUntil[c] = Math.max(busyUntil[c], from) + to - from;
            }
            end = Math.max(end, to);
            done += n;
        }
        return end;
    }

    private long write(long now, long sector, int sectors, boolean commit) {
        long end = now + WRITE_BUFFER;
        for (int done = 0; done < sectors;) {
            int n = piece(sector + done, sectors - done);
            int c = channel(sector + done);
            long to = Math.max(now, busyUntil[c]) + PROGRAM_PER_SECTOR * n;
            if (commit) {
                busyUntil[c] = to;
            }
            end = Math.max(end, to - BUFFER_AHEAD);
            done += n;
        }
        return end;
    }

    private static int channel(long sector) { return (int) (sector / STRIPE % CHANNELS); }

    private static int piece(long sector, int left) { return (int) Math.min(left, STRIPE - sector % STRIPE); }
}
