package xen.cpu.nativecode;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import xen.kernel.api.hw.Raw;

/**
 * What lies in the code area: every translation with the code bytes it was made from, its exits, an index by code bytes, and
 * rings of those that were in use in the same page. A translation is given to one block at most, because its jumps are connected to that block's
 * neighbours. Called under the code cache's lock, or by the thread of a CPU that is alone.
 */
final class Translations {
    /**
     * Fields of an entry: page offset, bytes of code, instructions, place in the area, first exit, number of exits, where its bytes are, next with the same hash, another one of its page, bytes
     * that it depends on: its block's, or more when it is a trace.
     */
    private static final int OFF = 0, LENGTH = 1, INSTRUCTIONS = 2, PLACE = 3, FIRST_EXIT = 4, EXITS = 5, BYTES = 6, NEXT = 7, RING = 8, SPAN = 9, FIELDS = 10;
    /**
     * Fields of an exit: instruction or -1; 0, BY_CACHE, SYSTEM_CALL or the place of a jump's displacement; where that jump leads while it is not connected; the page
     * offset that it is to lead to.
     */
    static final int INDEX = 0, SITE = 1, STUB = 2, TARGET = 3, EXIT_FIELDS = 4;

    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    int count, exitCount, byteCount;
    int[] entries = new int[1024 * FIELDS];
    int[] exits = new int[1024 * EXIT_FIELDS];
    byte[] bytes = new byte[16 * 1024];
    /** By hash, entry number + 1; 0 = none. A power of two long. */
    int[] heads = new int[1 << 14];
    /** Entries that came from a file. */
    int loaded;
    private final BitSet taken = new BitSet();
    /** By host page: a translation that was put in use there last. */
    private final Map<Long, Integer> pages = new HashMap<>();

    int off(int n) { return entries[n * FIELDS + OFF]; }
    int length(int n) { return entries[n * FIELDS + LENGTH]; }
    int span(int n) { return entries[n * FIELDS + SPAN]; }
    int instructions(int n) { return entries[n * FIELDS + INSTRUCTIONS]; }
    int place(int n) { return entries[n * FIELDS + PLACE]; }
    int firstExit(int n) { return entries[n * FIELDS + FIRST_EXIT]; }
    int exits(int n) { return entries[n * FIELDS + EXITS]; }
    int exit(int id, int field) { return exits[id * EXIT_FIELDS + field]; }

    /** Registers an exit; returns its number. */
    int addExit(int index, int site, int target) {
        if ((exitCount + 1) * EXIT_FIELDS > exits.length) {
            exits = Arrays.copyOf(exits, 2 * exits.length);
        }
        int at = exitCount * EXIT_FIELDS;
        exits[at + INDEX] = index;
        exits[at + SITE] = site;
        exits[at + STUB] = 0;
        exits[at + TARGET] = target;
        return exitCount++;
    }

    void stub(int exit, int place) { exits[exit * EXIT_FIELDS + STUB] = place; }

    /**
     * Adds a translation in use in host page {@code page}, of {@code length} bytes of code ({@code span} bytes if it is a trace) of which a copy is at host address {@code code}, whose exits are
     * the last ones from {@code firstExit}.
     */
    void add(long page, int off, long code, int length, int span, int instructions, int place, int firstExit) {
        if ((count + 1) * FIELDS > entries.length) {
            entries = Arrays.copyOf(entries, 2 * entries.length);
        }
        if (byteCount + span > bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * bytes.length);
        }
        Raw.get(code, bytes, byteCount, span);
        int at = count * FIELDS;
        entries[at + OFF] = off;
        entries[at + LENGTH] = length;
        entries[at + INSTRUCTIONS] = instructions;
        entries[at + PLACE] = place;
        entries[at + FIRST_EXIT] = firstExit;
        entries[at + EXITS] = exitCount - firstExit;
        entries[at + BYTES] = byteCount;
        entries[at + SPAN] = span;
        byteCount += span;
        Integer beside = pages.put(page, count);
        if (beside == null) {
            entries[at + RING] = count;
        } else {
            entries[at + RING] = entries[beside * FIELDS + RING];
            entries[beside * FIELDS + RING] = count;
        }
        enter(count);
        taken.set(count++);
    }

    /** A translation from an earlier run that nobody has, of code at this page offset that begins with what is at {@code code}; -1 = none. */
    int find(long code, int off) {
        int room = 4096 - off;
        for (int n = Math.min(4, room); n > 0; n--) {
            for (int e = heads[hash(off, word(code, n), n)] - 1; e >= 0; e = entries[e * FIELDS + NEXT] - 1) {
                if (off(e) == off && span(e) <= room && !taken.get(e) && same(e, code)) {
                    return e;
                }
            }
        }
        return -1;
    }

    /** It has its block now, in this host page. */
    void take(int n, long page) {
        taken.set(n);
        pages.put(page, n);
    }

    /** Its block is gone. */
    void release(int n) { taken.clear(n); }

    /** Nobody has it, and its bytes are those at host page {@code page}. */
    boolean fits(int n, long page) { return !taken.get(n) && same(n, page + off(n)); }

    /** Another one of its page; in the end itself. */
    int ring(int n) { return entries[n * FIELDS + RING]; }

    /** The one that exit {@code id} belongs to. */
    int owner(int id) {
        int low = 0, high = count - 1;
        while (low < high) {
            int middle = low + high + 1 >>> 1;
            if (firstExit(middle) <= id) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private boolean same(int e, long code) {
        int from = entries[e * FIELDS + BYTES], n = span(e), i = 0;
        for (; i + 8 <= n; i += 8) {
            if ((long) WORD.get(bytes, from + i) != Raw.get64(code + i)) {
                return false;
            }
        }
        for (; i < n; i++) {
            if (bytes[from + i] != (byte) Raw.get8(code + i)) {
                return false;
            }
        }
        return true;
    }

    private static int word(long code, int n) {
        return switch (n) {
            case 1 -> Raw.get8(code);
            case 2 -> Raw.get16(code);
            case 3 -> Raw.get16(code) | Raw.get8(code + 2) << 16;
            default -> Raw.get32(code);
        };
    }

    private int hash(int off, int word, int n) {
        int h = (word * 31 + n) * 0x9e3779b1 ^ off * 0x85ebca6b;
        return (h ^ h >>> 15) & heads.length - 1;
    }

    /** Makes the index anew, as large as the next run needs it. */
    void index() {
        heads = new int[Integer.highestOneBit(Math.max(count, 8)) * 2];
        for (int e = 0; e < count; e++) {
            enter(e);
        }
    }

    private void enter(int e) {
        int at = entries[e * FIELDS + BYTES], n = Math.min(4, length(e)), word = 0;
        for (int i = 0; i < n; i++) {
            word |= (bytes[at + i] & 0xff) << 8 * i;
        }
        int h = hash(off(e), word, n);
        entries[e * FIELDS + NEXT] = heads[h];
        heads[h] = e + 1;
    }

    static int entrySize() { return FIELDS; }

    int entryInts() { return count * FIELDS; }

    int exitInts() { return exitCount * EXIT_FIELDS; }
}
