package xen.kernel.driver;

import xen.kernel.api.block.BlockOp;
import xen.kernel.api.block.DiskRequest;
import xen.kernel.api.control.GrantBatch;
import xen.kernel.api.hw.Raw;

/**
 * A request of a guest from the moment it is copied out of the ring to its answer. Made once a slot and used again.
 *
 * <p>States: FREE to TAKEN (copied), TAKEN to SUBMITTED (the driver bound all pages) or FREE (refused), SUBMITTED to DONE (the disk
 * ended), DONE to FREE (answered). A restart of the driver takes nobody back further than TAKEN.
 */
final class JournalEntry extends DiskRequest {
    enum State { FREE, TAKEN, SUBMITTED, DONE }

    static final int OP_READ = 0, OP_WRITE = 1, OP_BARRIER = 2, OP_FLUSH = 3, OP_DISCARD = 5, OP_INDIRECT = 6;
    static final int DIRECT_SEGMENTS = 11, INDIRECT_SEGMENTS = 256, PIECES_BYTES = 16 * INDIRECT_SEGMENTS;

    final BlkRing ring;
    State state = State.FREE;
    /** What the driver's instances hold instead of it; the last one's. */
    private RequestHandle handle;
    /** Machine time when the driver got it last; the end of time while it is on its way. */
    long shownAt;
    /** Order in which requests were taken. */
    long sequence;
    /** Guest's own name for it, and the operation to be repeated in the answer. */
    long id;
    int operation;
    long sector, length;
    /** Machine time when it was taken. */
    long taken;
    int segments;
    boolean malformed, mapFailed, failed;
    /** Room for address and length of each piece of memory that it moves. */
    final long pieces;
    /** gref, first &lt;&lt; 32, last &lt;&lt; 40. */
    private long[] segment = new long[DIRECT_SEGMENTS];
    GrantHandle[] bound = new GrantHandle[DIRECT_SEGMENTS];
    /** Its pages when they were mapped together, for it alone. */
    private final GrantBatch batch;
    private boolean mapped;

    // in the disk's queue
    JournalEntry liveNext, livePrevious, waitNext, waitPrevious;
    boolean live, waiting, cancelled, inTransfer;
    int blockers;
    long started;
    final Runnable onDue, onWork;

    JournalEntry(BlkRing ring, long pieces) {
        this.ring = ring;
        this.pieces = pieces;
        batch = ring.vbd.core.host.batch(ring.vbd.domid(), INDIRECT_SEGMENTS);
        client = ring.vbd;
        onDue = () -> ring.vbd.queue.due(this);
        onWork = () -> ring.vbd.queue.work(this);
    }

    /** Parses the 112 bytes at {@code a} (a private copy). */
    void parse(long a) {
        operation = Raw.get8(a);
        id = Raw.get64(a + 8);
        sector = Raw.get64(a + 16);
        segments = 0;
        length = 0;
        malformed = mapFailed = failed = cancelled = false;
        switch (operation) {
            case OP_READ -> direct(BlockOp.READ, a);
            case OP_WRITE -> direct(BlockOp.WRITE, a);
            case OP_BARRIER -> direct(BlockOp.BARRIER, a);
            case OP_FLUSH -> direct(BlockOp.FLUSH, a);
            case OP_DISCARD -> {
                op = BlockOp.DISCARD;
                length = Raw.get64(a + 24);
            }
            case OP_INDIRECT -> indirect(a);
            default -> {
                op = BlockOp.READ;
                malformed = true;
            }
        }
    }

    private void direct(BlockOp o, long a) {
        int n = Raw.get8(a + 1);
        op = o;
        if (n > DIRECT_SEGMENTS || n == 0 && (o == BlockOp.READ || o == BlockOp.WRITE)) {
            malformed = true;
            return;
        }
        // an empty barrier is a flush
        if (n == 0) {
            op = BlockOp.FLUSH;
            return;
        }
        if (o == BlockOp.FLUSH) {
            // a flush may carry data in no present front end
            malformed = true;
            return;
        }
        for (int i = 0; i < n; i++) {
            add(a + 24 + 8L * i);
        }
    }

    private void indirect(long a) {
        int inner = Raw.get8(a + 1);
        int n = Raw.get16(a + 2);
        op = inner == OP_WRITE ? BlockOp.WRITE : BlockOp.READ;
        // front ends expect the answer to name what was done, not how it was described
        operation = inner;
        if (inner != OP_READ && inner != OP_WRITE || n == 0 || n > INDIRECT_SEGMENTS) {
            malformed = true;
            return;
        }
        if (segment.length < n) {
            segment = new long[INDIRECT_SEGMENTS];
            bound = new GrantHandle[INDIRECT_SEGMENTS];
        }
        long table = ring.openTable(Raw.get32(a + 28));
        if (table == 0) {
            malformed = true;
            return;
        }
        for (int i = 0; i < n; i++) {
            add(table + 8L * i);
        }
        ring.closeTable();
    }

    /** One read of what is the front end's to change: what was checked is what counts. */
    private void add(long a) {
        segment[segments] = Raw.get64(a) & 0xffff_ffff_ffffL;
        int sectors = last(segments) - first(segments) + 1;
        if (sectors <= 0 || last(segments) > 7) {
            malformed = true;
            return;
        }
        segments++;
        length += sectors;
    }

    /** True when the disk can do it: in range, allowed, whole sectors of the disk. */
    boolean valid() {
        VbdImpl v = ring.vbd;
        if (malformed || op.writes() && v.readOnly()) {
            return false;
        }
        if (op == BlockOp.FLUSH) {
            return true;
        }
        if (sector < 0 || length < 0 || length > v.sectors() || sector > v.sectors() - length) {
            return false;
        }
        int unit = v.sectorSize() >> 9;
        return unit == 1 || (sector | length) % unit == 0;
    }

    /** True when one of the two must wait for the other to end: {@code this} came first. */
    boolean holds(JournalEntry later) {
        if (op == BlockOp.BARRIER || later.op == BlockOp.BARRIER) {
            return true;
        }
        if (later.op == BlockOp.FLUSH) {
            return op.writes();
        }
        return op != BlockOp.FLUSH && (op.writes() || later.op.writes()) && sector < later.sector + later.length && later.sector < sector + length;
    }

    /** Maps all its pages together; false when one is not granted. */
    boolean map() {
        if (!mapped && batch.map(segment, segments, op != BlockOp.READ)) {
            mapped = true;
            ring.vbd.batched += segments;
        }
        return mapped;
    }

    /** Where the page of a segment is; IllegalStateException when it was revoked. */
    long address(int i) { return bound[i] != null ? bound[i].address() : batch.address(i); }

    /** Gives back what was mapped for it alone, lets go what it is bound to. */
    void unbind() {
        if (mapped) {
            mapped = false;
            ring.vbd.batched -= segments;
            batch.unmap();
        }
        for (int i = 0; i < segments; i++) {
            if (bound[i] != null) {
                bound[i].unused();
                bound[i] = null;
            }
        }
    }

    boolean allBound() {
        for (int i = 0; !mapped && op.transfers() && i < segments; i++) {
            if (bound[i] == null) {
                return false;
            }
        }
        return true;
    }

    int ref(int i) { return (int) segment[i]; }
    int first(int i) { return (int) (segment[i] >> 32) & 255; }
    int last(int i) { return (int) (segment[i] >> 40) & 255; }

    /** What is read or written there goes from or to that page; all was checked. */
    void bind(int i, GrantHandle g) {
        if (bound[i] != null) {
            bound[i].unused();
        }
        bound[i] = g;
        g.used();
    }

    /** Its ring is closed. */
    void close() {
        unbind();
        batch.close();
    }

    /** True when it is still the one, and in that state. */
    boolean current(long number, State s) { return sequence == number && state == s && !ring.leaving(); }

    /** What the instance of {@code owner} holds of it. */
    RequestHandle handle(DomainHandle owner) {
        RequestHandle h = handle;
        if (h == null || h.owner != owner) {
            handle = h = new RequestHandle(owner, this);
        }
        return h;
    }

    @Override public String toString() { return op + " " + sector + "+" + length + " of " + ring.vbd + ", " + state; }
}
