package xen.toolstack.console;

import xen.kernel.api.hw.Raw;

/**
 * The back end's side of a PV console page (struct xencons_interface): takes what the guest wrote, puts what the user typed. Indexes are
 * the guest's word: a distance that cannot be is read as an empty (or full) ring. One thread at a time.
 */
final class ConsoleRing {
    private static final int IN_SIZE = 1024, OUT_SIZE = 2048, IN = 0, OUT = 1024, IN_CONS = 3072, IN_PROD = 3076, OUT_CONS = 3080,
            OUT_PROD = 3084;
    private static final byte[] NOTHING = {};

    private final long page;

    ConsoleRing(long page) { this.page = page; }

    /** Everything the guest has written since the last call. */
    byte[] take() {
        int cons = Raw.get32(page + OUT_CONS);
        int n = Raw.get32Acquire(page + OUT_PROD) - cons;
        if (n <= 0 || n > OUT_SIZE) {
            return NOTHING;
        }
        byte[] text = new byte[n];
        for (int i = 0; i < n; i++) {
            text[i] = (byte) Raw.get8(page + OUT + (cons + i & OUT_SIZE - 1));
        }
        Raw.put32Release(page + OUT_CONS, cons + n);
        return text;
    }

    /** Offers input from {@code from} on; the number of bytes that found room. */
    int put(byte[] data, int from) {
        int prod = Raw.get32(page + IN_PROD);
        int used = prod - Raw.get32Acquire(page + IN_CONS);
        int room = used < 0 || used > IN_SIZE ? 0 : IN_SIZE - used;
        int n = Math.min(room, data.length - from);
        for (int i = 0; i < n; i++) {
            Raw.put8(page + IN + (prod + i & IN_SIZE - 1), data[from + i]);
        }
        if (n > 0) {
            Raw.put32Release(page + IN_PROD, prod + n);
        }
        return n;
    }
}
