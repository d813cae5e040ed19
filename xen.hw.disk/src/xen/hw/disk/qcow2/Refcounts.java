package xen.hw.disk.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often each cluster of the file is used: a table of blocks of counts of 1 to 64 bits. Changed in memory; {@link #writeBlocks} and
 * {@link #writeTable} bring it to the file. Under the image's lock.
 */
final class Refcounts {
    private static final int MOST_CLEAN = 1024;

    private static final class Block {
        final long offset;
        final byte[] counts;
        boolean dirty;

        Block(long offset, int size) {
            this.offset = offset;
            counts = new byte[size];
        }
    }

    private final Header header;
    private final Metadata metadata;
    private final int bits, perBlock;
    private long[] table;
    private final Map<Integer, Block> blocks = new LinkedHashMap<>(16, 0.75f, true);
    private boolean tableDirty, blocksDirty;
    /** The table has grown out of its place: where it goes. */
    private long movesTo;
    /** No cluster below it is free. */
    private long hint;

    Refcounts(Header header, Metadata metadata) throws IOException {
        this.header = header;
        this.metadata = metadata;
        bits = 1 << header.refcountOrder;
        perBlock = header.clusterSize * 8 / bits;
        ByteBuffer b = ByteBuffer.allocate(header.tableClusters * header.clusterSize);
        header.store.read(header.tableOffset, b);
        table = new long[b.capacity() / 8];
        b.clear().asLongBuffer().get(table);
        metadata.add(header.tableOffset, (long) header.tableClusters * header.clusterSize);
        long end = header.store.size();
        for (long offset : table) {
            if (offset != 0) {
                if (offset < 0 || offset % header.clusterSize != 0 || offset >= end) {
                    throw header.corrupt("refcount block at 0x" + Long.toHexString(offset));
                }
                metadata.add(offset, 1);
            }
        }
    }

    boolean dirty() { return tableDirty || blocksDirty; }

    long most() { return bits == 64 ? Long.MAX_VALUE : (1L << bits) - 1; }

    private Block block(int index) throws IOException {
        Block b = blocks.get(index);
        if (b == null && index < table.length && table[index] != 0) {
            b = new Block(table[index], header.clusterSize);
            header.store.read(b.offset, ByteBuffer.wrap(b.counts));
            keep(index, b);
        }
        return b;
    }

    private void keep(int index, Block b) {
        blocks.put(index, b);
        if (blocks.size() > MOST_CLEAN) {
            blocks.values().removeIf(x -> !x.dirty && x != b && blocks.size() > MOST_CLEAN / 2);
        }
    }

    long get(long cluster) throws IOException {
        long index = cluster / perBlock;
        Block b = index >= table.length ? null : block((int) index);
        return b == null ? 0 : get(b.counts, (int) (cluster % perBlock));
    }

    /** A count of less than a byte begins at the least significant bit. */
    private long get(byte[] counts, int i) {
        if (bits < 8) {
            return counts[i * bits / 8] >> i * bits % 8 & (1 << bits) - 1;
        }
        long v = 0;
        for (int k = 0; k < bits / 8; k++) {
            v = v << 8 | counts[i * (bits / 8) + k] & 0xff;
        }
        return v;
    }

    private void put(byte[] counts, int i, long v) {
        if (bits < 8) {
            int at = i * bits / 8, shift = i * bits % 8, mask = (1 << bits) - 1 << shift;
            counts[at] = (byte) (counts[at] & ~mask | (int) v << shift);
            return;
        }
        for (int k = bits / 8 - 1; k >= 0; k--, v >>>= 8) {
            counts[i * (bits / 8) + k] = (byte) v;
        }
    }

    void set(long cluster, long v) throws IOException {
        if (v < 0 || v > most()) {
            throw header.corrupt("cluster " + cluster + " would be used " + v + " times, " + bits + " bits count to " + most());
        }
        long index = cluster / perBlock;
        if (v == 0 && (index >= table.length || table[(int) index] == 0)) {
            return;
        }
        Block b = index < table.length ? block((int) index) : null;
        if (b == null) {
            b = add(index);
        }
        put(b.counts, (int) (cluster % perBlock), v);
        b.dirty = blocksDirty = true;
        hint = v == 0 ? Math.min(hint, cluster) : hint;
    }

    /** A block for clusters that none counts yet; it lies in the first of them and counts itself. */
    private Block add(long index) throws IOException {
        if (index >= table.length) {
            grow(index);
            // the table's own new place may have needed that block
            Block made = block((int) index);
            if (made != null) {
                return made;
            }
        }
        Block b = new Block(index * perBlock * header.clusterSize, header.clusterSize);
        if (metadata.holds(b.offset)) {
            throw header.corrupt("tables lie at 0x" + Long.toHexString(b.offset) + ", which is counted as free");
        }
        table[(int) index] = b.offset;
        put(b.counts, 0, 1);
        b.dirty = blocksDirty = tableDirty = true;
        metadata.add(b.offset, 1);
        keep((int) index, b);
        return b;
    }

    private void grow(long index) throws IOException {
        long entries = Math.max(index + index / 2 + 1, table.length + 1L);
        int clusters = (int) ((entries * 8 + header.clusterSize - 1) / header.clusterSize);
        if ((long) clusters * header.clusterSize > 8 << 20) {
            throw header.wrong("has no room for more: its refcount table has its largest size", "use larger clusters");
        }
        table = java.util.Arrays.copyOf(table, clusters * header.clusterSize / 8);
        tableDirty = true;
        movesTo = allocate(clusters);
        metadata.add(movesTo, (long) clusters * header.clusterSize);
    }

    /** So many free clusters in a row, each counted once from now on. @return their offset */
    long allocate(int clusters) throws IOException {
        long first = hint;
        for (long c = hint, run = 0; run < clusters; c++) {
            boolean free = get(c) == 0 && (c % perBlock != 0 || c / perBlock < table.length && table[(int) (c / perBlock)] != 0);
            if (free && metadata.holds(c << header.clusterBits)) {
                throw header.corrupt("cluster " + c + " holds tables and is counted as free");
            }
            if (get(c) == 0 && !free) {
                // the first of an uncounted range becomes its block
                add(c / perBlock);
                run = 0;
                continue;
            }
            first = run == 0 ? c : first;
            run = free ? run + 1 : 0;
        }
        hint = clusters == 1 ? first + 1 : hint;
        for (int i = 0; i < clusters; i++) {
            set(first + i, 1);
        }
        return first << header.clusterBits;
    }

    /** One user less. @return true when it was the last */
    boolean release(long offset) throws IOException {
        long c = offset >> header.clusterBits, n = get(c);
        if (n == 0) {
            throw header.corrupt("cluster " + c + " was in use and counted as free");
        }
        set(c, n - 1);
        return n == 1;
    }

    void writeBlocks() throws IOException {
        for (Block b : blocks.values()) {
            if (b.dirty) {
                header.store.write(b.offset, ByteBuffer.wrap(b.counts));
                b.dirty = false;
            }
        }
        blocksDirty = false;
    }

    boolean tableDirty() { return tableDirty; }

    /** The blocks are on stable storage. @return bytes of the old table's place that are free when this is, or 0 */
    long[] writeTable() throws IOException {
        ByteBuffer b = ByteBuffer.allocate(table.length * 8);
        b.asLongBuffer().put(table);
        long at = movesTo != 0 ? movesTo : header.tableOffset;
        header.store.write(at, b);
        tableDirty = false;
        if (movesTo == 0) {
            return null;
        }
        header.store.flush();
        long[] old = {header.tableOffset, (long) header.tableClusters * header.clusterSize};
        header.table(movesTo, table.length * 8 / header.clusterSize);
        movesTo = 0;
        metadata.remove(old[0], old[1]);
        return old;
    }

    /** Clusters that could be counted without a new block. */
    long counted() { return (long) table.length * perBlock; }

    /** For the mending of images: all that is counted. */
    Map<Long, Long> all() throws IOException {
        Map<Long, Long> counts = new HashMap<>();
        for (int i = 0; i < table.length; i++) {
            Block b = block(i);
            for (int k = 0; b != null && k < perBlock; k++) {
                long v = get(b.counts, k);
                if (v != 0) {
                    counts.put((long) i * perBlock + k, v);
                }
            }
        }
        return counts;
    }
}
