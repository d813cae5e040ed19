package xen.cpu.bytecode;

import java.lang.invoke.VarHandle;

/**
 * Entries by the host address of their code. Grows by a copy; written with the translator's lock held, read without: a reader finds an entry or,
 * for a moment, does not. Entries of dropped code stay until another takes their place, so readers look at the block.
 */
final class Places {
    private final Entry[] slots;
    private int used;

    /** @param size a power of two */
    Places(int size) { slots = new Entry[size]; }

    Entry find(long host) {
        for (int i = slot(host); ; i = i + 1 & slots.length - 1) {
            Entry e = slots[i];
            if (e == null || e.host == host) {
                return e;
            }
        }
    }

    /** This or a larger one, with the entry. */
    Places with(Entry e) {
        if (2 * used >= slots.length) {
            Places larger = new Places(2 * slots.length);
            for (Entry old : slots) {
                if (old != null && old.block.valid) {
                    larger.put(old);
                }
            }
            larger.put(e);
            return larger;
        }
        put(e);
        return this;
    }

    private void put(Entry e) {
        int i = slot(e.host);
        while (slots[i] != null && slots[i].host != e.host) {
            i = i + 1 & slots.length - 1;
        }
        if (slots[i] == null) {
            used++;
        }
        // all of the entry is there before it is found
        VarHandle.releaseFence();
        slots[i] = e;
    }

    private int slot(long host) { return (int) (host * 0x9e3779b97f4a7c15L >>> 40) & slots.length - 1; }
}
