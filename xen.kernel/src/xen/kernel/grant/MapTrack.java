package xen.kernel.grant;

import java.util.Arrays;

/**
 * What a domain has mapped of others' grants, by handle. A handle stands for a host mapping, a device mapping or both; each is one use
 * of the entry. Frame references of a host mapping belong to the page-table entry, those of a device mapping to the handle.
 */
final class MapTrack {
    /** Most handles a domain may hold, as Xen's default. */
    static final int LIMIT = 1 << 16;

    private GrantTable[] tables = new GrantTable[0];
    private int[] refs = new int[0];
    /** GNTMAP_* flags still in force; 0 = free. */
    private int[] flags = new int[0];
    private int lowestFree;
    private int inUse;

    int inUse() { return inUse; }

    /** A new handle, or -1 when there are too many. */
    int add(GrantTable table, int ref, int mapFlags) {
        int h = lowestFree;
        while (h < flags.length && flags[h] != 0) {
            h++;
        }
        if (h == LIMIT) {
            return -1;
        }
        if (h == flags.length) {
            int n = Math.min(LIMIT, Math.max(64, 2 * h));
            tables = Arrays.copyOf(tables, n);
            refs = Arrays.copyOf(refs, n);
            flags = Arrays.copyOf(flags, n);
        }
        lowestFree = h + 1;
        tables[h] = table;
        refs[h] = ref;
        flags[h] = mapFlags;
        inUse++;
        return h;
    }

    boolean valid(int h) { return h >= 0 && h < flags.length && flags[h] != 0; }

    GrantTable table(int h) { return tables[h]; }
    int ref(int h) { return refs[h]; }
    int flags(int h) { return flags[h]; }
    boolean readOnly(int h) { return (flags[h] & GrantCalls.MAP_READONLY) != 0; }

    /** One kind of mapping of the handle has ended; without any left the handle is free. */
    void end(int h, int kind) {
        flags[h] &= ~kind;
        if ((flags[h] & (GrantCalls.MAP_HOST | GrantCalls.MAP_DEVICE)) == 0) {
            flags[h] = 0;
            tables[h] = null;
            lowestFree = Math.min(lowestFree, h);
            inUse--;
        }
    }

    /** The domain is dying: ends all uses. Page-table entries give up their frames' references themselves. */
    void releaseAll() {
        for (int h = 0; h < flags.length; h++) {
            if ((flags[h] & GrantCalls.MAP_DEVICE) != 0) {
                tables[h].release(refs[h], readOnly(h));
            }
            if ((flags[h] & GrantCalls.MAP_HOST) != 0) {
                tables[h].releaseEntry(refs[h], readOnly(h));
            }
        }
        tables = new GrantTable[0];
        refs = new int[0];
        flags = new int[0];
        lowestFree = 0;
        inUse = 0;
    }
}
