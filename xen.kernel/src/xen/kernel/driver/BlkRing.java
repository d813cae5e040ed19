package xen.kernel.driver;

import xen.kernel.api.block.RingConfig;
import xen.kernel.api.control.GrantBatch;
import xen.kernel.api.control.GrantMapping;
import xen.kernel.api.event.EventPort;
import xen.kernel.api.hw.Raw;

/** One ring of a device: takes requests into the journal, writes answers. Under the block core's lock. */
final class BlkRing {
    private static final int RESPONSE = 16;

    final VbdImpl vbd;
    private final RingPages pages;
    final JournalEntry[] entries;
    private final JournalEntry[] free;
    private int frees;
    private int reqCons, rspProd;
    private EventPort port;
    private boolean polling, closed, leaving, dirty, awake;
    /** The front end notified; set by its own thread. */
    private volatile boolean notified;
    /** A page of indirect segments, while it is read. */
    private final GrantBatch table;
    private final long[] tableRef = new long[1];
    /** What transfers move, an entry's beside the next one's. */
    private Raw.Area pieces;
    /** Private copies: a request, an answer. */
    private final Raw.Area scratch;
    private final long request, response;

    /** Maps the pages and binds the port; HypervisorException when the front end did not grant that, and nothing stays. */
    BlkRing(VbdImpl vbd, RingConfig config) {
        this.vbd = vbd;
        table = vbd.core.host.batch(vbd.domid(), 1);
        scratch = Raw.allocate(256);
        request = scratch.address();
        response = request + RingPages.SLOT;
        GrantMapping[] mapped = new GrantMapping[config.refs().length];
        int done = 0;
        JournalEntry[] made = {};
        try {
            for (; done < mapped.length; done++) {
                mapped[done] = vbd.core.host.map(vbd.domid(), config.refs()[done], false);
            }
            pages = new RingPages(mapped);
            pieces = Raw.allocate((long) pages.slots * JournalEntry.PIECES_BYTES);
            made = new JournalEntry[pages.slots];
            free = new JournalEntry[pages.slots];
            for (int i = 0; i < made.length; i++) {
                free[frees++] = made[i] = new JournalEntry(this, pieces.address() + (long) i * JournalEntry.PIECES_BYTES);
            }
            reqCons = rspProd = pages.rspProd();
            port = vbd.core.host.bind(vbd.domid(), config.port(), this::event);
            entries = made;
        } catch (RuntimeException e) {
            for (int i = 0; i < done; i++) {
                mapped[i].close();
            }
            for (int i = 0; i < made.length && made[i] != null; i++) {
                made[i].close();
            }
            table.close();
            scratch.free();
            if (pieces != null) {
                pieces.free();
            }
            throw e;
        }
    }

    /** The front end notifies: in virtual time on the timeline, else on its own thread. */
    private void event() {
        if (!vbd.core.host.virtual()) {
            notified = true;
            vbd.core.doorbell.ring();
            return;
        }
        vbd.core.lock.lock();
        try {
            poll();
        } finally {
            vbd.core.leave();
        }
    }

    /** It was notified and was asleep: from here on {@link #take} looks into it until {@link #sleep}. */
    boolean wakes() {
        boolean wakes = notified && !awake && !closed;
        notified = false;
        awake |= wakes;
        return wakes;
    }

    /** Takes all requests that are there, and has the front end notify of the next one. */
    void poll() {
        if (polling || closed) {
            return;
        }
        polling = true;
        try {
            do {
                take();
            } while (!sleep());
        } finally {
            polling = false;
        }
    }

    /** Has the front end notify of the next request. @return false when there is one already */
    boolean sleep() {
        awake = false;
        if (closed) {
            return true;
        }
        try {
            pages.reqEvent(reqCons + 1);
            Raw.fullFence();
            awake = pages.reqProd() != reqCons;
        } catch (IllegalStateException revoked) {
            closed = true;
        }
        return !awake;
    }

    /** Takes all requests that are there. @return true when there were some */
    boolean take() {
        if (closed) {
            return false;
        }
        int before = reqCons;
        try {
            takeAll(pages.reqProd());
        } catch (IllegalStateException revoked) {
            // the domain is going: its pages went first
            closed = true;
        }
        return reqCons != before;
    }

    private void takeAll(int produced) {
        // neither beyond the slots that are free, nor back behind what was taken
        if (Integer.compareUnsigned(produced - reqCons, pages.slots - (reqCons - rspProd)) > 0) {
            vbd.fault("request index " + Integer.toUnsignedString(produced) + " is not within " + pages.slots + " of the answers ("
                    + Integer.toUnsignedString(rspProd) + "), or before the requests that were taken (" + Integer.toUnsignedString(reqCons) + ")");
            return;
        }
        while (reqCons != produced && !closed) {
            pages.request(reqCons++, request);
            JournalEntry e = free[--frees];
            e.state = JournalEntry.State.TAKEN;
            e.parse(request);
            vbd.core.taken(e);
        }
    }

    /** Maps a page of indirect segments until {@link #closeTable}; 0 when it was not granted. The front end may change it meanwhile. */
    long openTable(int ref) {
        tableRef[0] = ref;
        return table.map(tableRef, 1, true) ? table.address(0) : 0;
    }

    void closeTable() { table.unmap(); }

    /** Answers and frees the entry. */
    void respond(JournalEntry e, int status) {
        e.state = JournalEntry.State.FREE;
        e.unbind();
        if (closed) {
            return;
        }
        Raw.put64(response, e.id);
        Raw.put64(response + 8, e.operation | (status & 0xffffL) << 16);
        try {
            pages.response(rspProd++, response, RESPONSE);
        } catch (IllegalStateException revoked) {
            closed = true;
            return;
        }
        free[frees++] = e;
        if (!dirty) {
            dirty = true;
            vbd.core.unshown.add(this);
        }
    }

    /** Shows the answers to the front end, and wakes it when it asked for that. */
    void push() {
        dirty = false;
        if (closed) {
            return;
        }
        try {
            int old = pages.rspProd();
            if (old == rspProd) {
                return;
            }
            pages.rspProd(rspProd);
            Raw.fullFence();
            if (Integer.compareUnsigned(rspProd - pages.rspEvent(), rspProd - old) < 0) {
                port.send();
            }
        } catch (IllegalStateException revoked) {
            closed = true;
        }
    }

    /** From here on nothing that the driver does with its requests has an effect. */
    void leave() { leaving = true; }

    boolean leaving() { return leaving; }

    /** Leaves the ring as it is. No transfer of its entries is in progress. */
    void close() {
        closed = true;
        port.close();
        for (JournalEntry e : entries) {
            e.close();
        }
        table.close();
        pages.close();
        pieces.free();
        scratch.free();
    }
}
