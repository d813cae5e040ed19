package xen.hw.disk.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where each cluster of the disk lies: the L1 table, and L2 tables as they are needed. Looking up is safe for several threads at once;
 * changes are under the image's lock.
 */
final class Mapping {
    static final long COPIED = 1L << 63, COMPRESSED = 1L << 62, ZERO = 1, OFFSET = 0x00ff_ffff_ffff_fe00L;
    private static final long RESERVED_L1 = ~(COPIED | OFFSET), RESERVED_L2 = 0x3f00_0000_0000_01feL;
    /** Bytes of L2 tables that are kept. */
    private static final int CACHE = 16 << 20;

    private static final class Table {
        final long offset;
        final long[] entries;
        boolean dirty;

        Table(long offset, int entries) {
            this.offset = offset;
            this.entries = new long[entries];
        }
    }

    private final Header header;
    private final Metadata metadata;
    private final int perTable, bits, most;
    private long[] l1;
    private final Map<Integer, Table> tables = new LinkedHashMap<>(16, 0.75f, true);
    private boolean l1Dirty;
    private int dirty;

    Mapping(Header header, Metadata metadata) throws IOException {
        this.header = header;
        this.metadata = metadata;
        perTable = header.clusterSize / 8;
        bits = header.clusterBits - 3;
        most = Math.max(64, CACHE / header.clusterSize);
        ByteBuffer b = ByteBuffer.allocate(header.l1Size * 8);
        header.store.read(header.l1Offset, b);
        l1 = new long[header.l1Size];
        b.clear().asLongBuffer().get(l1);
        if (l1.length > 0) {
            metadata.add(header.l1Offset, l1.length * 8L);
        }
        long end = header.store.size();
        for (int i = 0; i < l1.length; i++) {
            long offset = l1[i] & OFFSET;
            if ((l1[i] & RESERVED_L1) != 0 || offset % header.clusterSize != 0 || offset >= end) {
                throw header.corrupt("L1 entry " + i + " is 0x" + Long.toHexString(l1[i]) + " in a file of " + end + " bytes");
            }
            if (offset != 0) {
                metadata.add(offset, 1);
            }
        }
    }

    /** The entry of a cluster of the disk, 0 = nothing there; checked. */
    synchronized long entry(long cluster) throws IOException {
        Table t = table((int) (cluster >> bits));
        if (t == null) {
            return 0;
        }
        long e = t.entries[(int) cluster & perTable - 1];
        boolean wrong = (e & COMPRESSED) != 0 ? (e & COPIED) != 0
                : (e & RESERVED_L2) != 0 || (e & OFFSET) % header.clusterSize != 0 || header.version == 2 && (e & ZERO) != 0;
        if (wrong) {
            throw header.corrupt("entry of cluster " + cluster + " is 0x" + Long.toHexString(e));
        }
        return e;
    }

    private Table table(int index) throws IOException {
        Table t = tables.get(index);
        if (t == null && index < l1.length && (l1[index] & OFFSET) != 0) {
            t = new Table(l1[index] & OFFSET, perTable);
            ByteBuffer b = ByteBuffer.allocate(header.clusterSize);
            header.store.read(t.offset, b);
            b.clear().asLongBuffer().get(t.entries);
            keep(index, t);
        }
        return t;
    }

    private void keep(int index, Table t) {
        tables.put(index, t);
        if (tables.size() > most + dirty) {
            tables.values().removeIf(x -> !x.dirty && x != t && tables.size() > most / 2 + dirty);
        }
    }

    /** Sets an entry; a table that is missing, or that others use too, is made anew. @return a table that lost a user, or 0 */
    synchronized long set(long cluster, long entry, Refcounts counts) throws IOException {
        int index = (int) (cluster >> bits);
        Table t = table(index);
        long old = 0;
        if (t == null || (l1[index] & COPIED) == 0) {
            Table made = new Table(counts.allocate(1), perTable);
            if (t != null) {
                System.arraycopy(t.entries, 0, made.entries, 0, perTable);
                old = t.offset;
                dirty -= t.dirty ? 1 : 0;
            }
            metadata.add(made.offset, 1);
            l1[index] = made.offset | COPIED;
            l1Dirty = true;
            t = made;
            keep(index, t);
        }
        t.entries[(int) cluster & perTable - 1] = entry;
        dirty += t.dirty ? 0 : 1;
        t.dirty = true;
        return old;
    }

    /** Tables that wait for being written: more than can be kept. */
    synchronized boolean full() { return dirty > most; }

    synchronized boolean dirty() { return dirty > 0 || l1Dirty; }

    /** Writes L2 tables, and when they are on stable storage what points to them. */
    synchronized void write() throws IOException {
        for (Table t : tables.values()) {
            if (t.dirty) {
                ByteBuffer b = ByteBuffer.allocate(header.clusterSize);
                b.asLongBuffer().put(t.entries);
                header.store.write(t.offset, b);
                t.dirty = false;
                dirty--;
            }
        }
        if (l1Dirty) {
            header.store.flush();
            header.store.write(header.l1Offset, bytes(l1));
            l1Dirty = false;
        }
    }

    private static ByteBuffer bytes(long[] entries) {
        ByteBuffer b = ByteBuffer.allocate(entries.length * 8);
        b.asLongBuffer().put(entries);
        return b;
    }

    /** A disk of another size, all tables written before. @return the old L1 table's offset and bytes when it had to move, or null */
    synchronized long[] resize(long size, Refcounts counts) throws IOException {
        long needed = header.l1Needed(size);
        if (needed <= l1.length) {
            header.size(size, header.l1Size, header.l1Offset);
            return null;
        }
        if (needed * 8 > 32 << 20) {
            throw header.wrong("cannot get " + size + " bytes: its L1 table would be larger than 32 MiB", "use larger clusters");
        }
        long[] larger = java.util.Arrays.copyOf(l1, (int) needed);
        int clusters = (int) ((needed * 8 + header.clusterSize - 1) / header.clusterSize);
        long at = counts.allocate(clusters);
        header.store.write(at, bytes(larger));
        metadata.add(at, needed * 8);
        long[] old = {header.l1Offset, l1.length * 8L};
        l1 = larger;
        moved = at;
        return old;
    }

    private long moved;

    /** The larger L1 table and its counts are on stable storage. */
    synchronized void moved(long size) throws IOException {
        header.size(size, l1.length, moved);
    }
}
