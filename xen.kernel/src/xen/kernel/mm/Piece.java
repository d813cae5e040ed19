package xen.kernel.mm;

import xen.kernel.api.hypercall.Errno;
import xen.kernel.hypercall.HypercallFrame;

/**
 * How much of a batch is done at once: a guest may ask for two thousand million requests, and nobody else gets the core's lock
 * meanwhile. After a piece the guest issues the call again with what is left; inside a multicall, where it cannot, it is told so.
 */
final class Piece {
    /** Requests in one piece; guests' own batches are far smaller. */
    static final int REQUESTS = 1024;
    /** Tables validated in one piece, 512 entries each. */
    private static final int TABLES = 2048;

    private Piece() {}

    /** Requests done in earlier pieces of the batch. */
    static int before(HypercallFrame c, long doneAt) {
        return doneAt != 0 && ((int) c.arg(1) & MmuUpdate.PREEMPTED) != 0 ? c.get32(doneAt) : 0;
    }

    /** The domain's count of validated tables at which the piece ends. */
    static long limit(DomainMemory d) { return d.validations.value + TABLES; }

    /** Ends a piece of a {requests, count, done} call: what the handler returns. */
    static long end(HypercallFrame c, long next, int left, int done) {
        if (c.arg(2) != 0) {
            c.put32(c.arg(2), done);
        }
        return c.outermost() ? c.again(next, left | MmuUpdate.PREEMPTED & 0xffff_ffffL, c.arg(2)) : -Errno.E2BIG;
    }
}
