package xen.kernel.api.block.kit;

import xen.kernel.api.block.RingConfig;
import xen.kernel.api.hw.Raw;

/** A block front end's ring: builds requests, notifies, and takes answers. What goes into a slot is not checked: fuzzers use it too. */
public final class RingFront {
    public static final int READ = 0, WRITE = 1, BARRIER = 2, FLUSH = 3, DISCARD = 5, INDIRECT = 6;
    public static final int SLOT = 112;
    private static final int HEADER = 64;

    /** Gets the answers. */
    public interface Answers {
        void answer(long id, int operation, int status);
    }

    private final SimHost host;
    private final int[] refs;
    private final int port;
    public final int slots;
    private int reqProd, rspCons;
    private final Raw.Area scratch = Raw.allocate(SLOT);
    private SimHost.Port channel;

    public RingFront(SimHost host, int order, int port) {
        this.host = host;
        this.port = port;
        refs = new int[1 << order];
        for (int i = 0; i < refs.length; i++) {
            refs[i] = host.page();
        }
        slots = Integer.highestOneBit((refs.length * 4096 - HEADER) / SLOT);
        put(4, 1);
        put(12, 1);
    }

    public RingConfig config() { return new RingConfig(refs, port); }

    private long header() { return host.address(refs[0]); }

    /** Writes one of the index words. */
    public void put(int offset, int value) { Raw.put32(header() + offset, value); }

    public int get(int offset) { return Raw.get32(header() + offset); }

    public int free() { return slots - (reqProd - rspCons); }

    /** Where the next request is built; {@link #enqueue} puts it into the ring. */
    public long slot() {
        Raw.zero(scratch.address(), SLOT);
        return scratch.address();
    }

    public void enqueue() {
        int at = HEADER + (reqProd++ & slots - 1) * SLOT;
        for (int i = 0; i < SLOT; i += 4) {
            Raw.put32(host.address(refs[(at + i) >> 12]) + (at + i & 4095), Raw.get32(scratch.address() + i));
        }
    }

    /** A transfer of whole pages, or a flush with none. */
    public void request(int operation, long id, long sector, int... pages) {
        long a = slot();
        Raw.put8(a, operation);
        Raw.put8(a + 1, pages.length);
        Raw.put64(a + 8, id);
        Raw.put64(a + 16, sector);
        for (int i = 0; i < pages.length; i++) {
            segment(a + 24 + 8L * i, pages[i], 0, 7);
        }
        enqueue();
    }

    /** An indirect transfer: its segments are in {@code table}'s page. */
    public void indirect(int operation, long id, long sector, int table, int... pages) {
        long a = slot();
        Raw.put8(a, INDIRECT);
        Raw.put8(a + 1, operation);
        Raw.put16(a + 2, pages.length);
        Raw.put64(a + 8, id);
        Raw.put64(a + 16, sector);
        Raw.put32(a + 28, table);
        for (int i = 0; i < pages.length; i++) {
            segment(host.address(table) + 8L * i, pages[i], 0, 7);
        }
        enqueue();
    }

    public static void segment(long at, int ref, int first, int last) {
        Raw.put32(at, ref);
        Raw.put8(at + 4, first);
        Raw.put8(at + 5, last);
    }

    /** Shows what was enqueued, and notifies if the back end asked for that. */
    public void push() {
        int old = get(0);
        put(0, reqProd);
        Raw.fullFence();
        if (Integer.compareUnsigned(reqProd - get(4), reqProd - old) < 0) {
            kick();
        }
    }

    public void kick() {
        if (channel == null) {
            channel = host.port(port);
        }
        channel.kick();
    }

    /** Takes all answers, and asks to be notified of the next one. */
    public int answers(Answers sink) { return answers(sink, 1); }

    /** Takes all answers, and asks to be notified when so many more are there. */
    public int answers(Answers sink, int more) {
        int n = 0;
        do {
            n += take(sink);
            put(12, rspCons + more);
            Raw.fullFence();
        } while (get(8) - rspCons >= more && n < slots);
        return n;
    }

    private int take(Answers sink) {
        int n = 0;
        while (rspCons != get(8) && n < slots) {
            int at = HEADER + (rspCons++ & slots - 1) * SLOT;
            long first = word(at) | word(at + 4) << 32;
            long second = word(at + 8);
            sink.answer(first, (int) second & 255, (short) (second >> 16));
            n++;
        }
        return n;
    }

    private long word(int at) { return Raw.getU32(host.address(refs[at >> 12]) + (at & 4095)); }

    public void close() { scratch.free(); }
}
