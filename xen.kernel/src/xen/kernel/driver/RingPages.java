package xen.kernel.driver;

import xen.kernel.api.control.GrantMapping;
import xen.kernel.api.hw.Raw;

/** A shared ring over one or several pages: the index words and the slots of 112 bytes, which may cross from page to page. */
final class RingPages implements AutoCloseable {
    static final int SLOT = 112;
    private static final int HEADER = 64, PAGE = 4096;

    private final GrantMapping[] pages;
    final int slots;

    RingPages(GrantMapping[] pages) {
        this.pages = pages;
        slots = slots(pages.length);
    }

    /** Slots of a ring of that many pages: a power of two. */
    static int slots(int pages) { return Integer.highestOneBit((pages * PAGE - HEADER) / SLOT); }

    private long header() { return pages[0].address(); }

    int reqProd() { return Raw.get32Acquire(header()); }

    void reqEvent(int v) { Raw.put32(header() + 4, v); }

    int rspProd() { return Raw.get32Acquire(header() + 8); }

    void rspProd(int v) { Raw.put32Release(header() + 8, v); }

    int rspEvent() { return Raw.get32Acquire(header() + 12); }

    /** Copies the request of slot {@code index} (free running) to {@code to}. */
    void request(int index, long to) { move(index, to, SLOT, true); }

    /** Copies the response of {@code bytes} bytes into its slot. */
    void response(int index, long from, int bytes) { move(index, from, bytes, false); }

    private void move(int index, long local, int bytes, boolean in) {
        int at = HEADER + (index & slots - 1) * SLOT;
        int first = Math.min(bytes, PAGE - (at & PAGE - 1));
        long a = pages[at / PAGE].address() + (at & PAGE - 1);
        copy(a, local, first, in);
        if (first < bytes) {
            copy(pages[at / PAGE + 1].address(), local + first, bytes - first, in);
        }
    }

    private static void copy(long shared, long local, int bytes, boolean in) { Raw.copy(in ? shared : local, in ? local : shared, bytes); }

    @Override public void close() {
        for (GrantMapping p : pages) {
            p.close();
        }
    }
}
