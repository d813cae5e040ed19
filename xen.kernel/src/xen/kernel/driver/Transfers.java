package xen.kernel.driver;

import java.io.IOException;
import xen.kernel.api.block.BlockBacking;
import xen.kernel.api.block.BlockOp;
import xen.kernel.api.hw.Raw;

/** Moves the bytes of requests between guests' pages and images. Without a lock, on whatever thread; a request is moved by one at a time. */
final class Transfers {
    private Transfers() {}

    /** Moves the bytes; a failure is the request's. */
    static void make(JournalEntry e) {
        BlockBacking b = e.ring.vbd.backing;
        try {
            switch (e.op) {
                case FLUSH -> b.flush();
                case DISCARD -> b.discard(e.sector, e.length);
                case READ -> b.readPieces(e.sector, e.pieces, pieces(e));
                case WRITE -> b.writePieces(e.sector, e.pieces, pieces(e));
                case BARRIER -> {
                    b.writePieces(e.sector, e.pieces, pieces(e));
                    b.flush();
                }
            }
        } catch (IOException | RuntimeException | LinkageError | InternalError x) {
            e.ring.vbd.failed(e, x);
            e.failed = true;
        }
    }

    /** Moves the bytes if that needs no waiting; false: not yet. */
    static boolean makeNow(JournalEntry e) {
        BlockBacking b = e.ring.vbd.backing;
        try {
            return e.op == BlockOp.READ ? b.readNow(e.sector, e.pieces, pieces(e)) : e.op == BlockOp.WRITE && b.writeNow(e.sector, e.pieces, pieces(e));
        } catch (RuntimeException | LinkageError | InternalError x) {
            e.ring.vbd.failed(e, x);
            e.failed = true;
            return true;
        }
    }

    /** Writes down the pieces of memory that it moves; pages that lie beside each other are one. @return how many */
    private static int pieces(JournalEntry e) {
        int count = 0;
        for (int i = 0; i < e.segments; count++) {
            long a = e.address(i) + e.first(i) * 512L;
            int n = (e.last(i) - e.first(i) + 1) * 512;
            for (i++; i < e.segments && e.address(i) + e.first(i) * 512L == a + n; i++) {
                n += (e.last(i) - e.first(i) + 1) * 512;
            }
            Raw.put64(e.pieces + 16L * count, a);
            Raw.put64(e.pieces + 16L * count + 8, n);
        }
        return count;
    }
}
