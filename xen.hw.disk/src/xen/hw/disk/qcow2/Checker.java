package xen.hw.disk.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Compares what is counted with what is used, and mends it: the tables are right, the counts follow. No guest may have the image. */
public final class Checker {
    /** Messages are kept up to this many. */
    private static final int MOST = 20;

    private final Header header;
    private final Map<Long, Long> used = new HashMap<>();
    private final List<String> messages = new ArrayList<>();
    private long errors, leaks, mended, data, zero, compressed;
    private final long end;

    private Checker(Header header) throws IOException {
        this.header = header;
        end = header.store.size();
    }

    /** Errors can lose data, leaks only take room. {@code data} to {@code compressed} are clusters. */
    public record Result(long errors, long leaks, long mended, long data, long zero, long compressed, boolean dirty, boolean corrupt, List<String> messages) {
        public boolean clean() { return errors == 0 && leaks == 0 && !corrupt; }
    }

    /** What mending may change. */
    public enum Repair { NOTHING, LEAKS, ALL }

    public static Result check(Store store, Repair repair) throws IOException {
        Header h = new Header(store);
        Checker c = new Checker(h);
        if (repair != Repair.NOTHING && (h.snapshots > 0 || h.bitmaps)) {
            throw h.wrong("has " + (h.snapshots > 0 ? "internal snapshots" : "bitmaps") + ", which are not mended here", "use qemu-img check -r all");
        }
        return c.run(repair);
    }

    private void error(String what) {
        errors++;
        if (messages.size() < MOST) {
            messages.add(what);
        }
    }

    private boolean use(long offset, long bytes, String what) {
        if (offset % header.clusterSize != 0 || offset < 0 || offset >= end || bytes < 0 || offset + bytes - header.clusterSize >= end) {
            error(what + " lies at 0x" + Long.toHexString(offset) + " in a file of " + end + " bytes");
            return false;
        }
        for (long c = offset >> header.clusterBits; c <= offset + bytes - 1 >> header.clusterBits; c++) {
            used.merge(c, 1L, Long::sum);
        }
        return true;
    }

    private long[] table(long offset, int entries) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(entries * 8);
        header.store.read(offset, b);
        long[] t = new long[entries];
        b.clear().asLongBuffer().get(t);
        return t;
    }

    private Result run(Repair repair) throws IOException {
        use(0, header.clusterSize, "header");
        List<long[]> tables = new ArrayList<>();
        l1(header.l1Offset, header.l1Size, "L1 table", tables);
        snapshots();
        use(header.tableOffset, (long) header.tableClusters * header.clusterSize, "refcount table");
        long[] blocks = table(header.tableOffset, header.tableClusters * (header.clusterSize / 8));
        boolean bad = false;
        for (int i = 0; i < blocks.length; i++) {
            bad |= blocks[i] != 0 && !use(blocks[i], header.clusterSize, "refcount block " + i);
        }
        if (!bad) {
            compare(tables, repair);
        }
        if (repair == Repair.ALL && !bad && errors == 0 && header.incompatible != (header.incompatible & Header.COMPRESSION)) {
            header.incompatible(header.incompatible & Header.COMPRESSION);
        }
        header.store.flush();
        return new Result(errors, leaks, mended, data, zero, compressed, header.dirty(), header.markedCorrupt(), messages);
    }

    private void l1(long offset, int entries, String what, List<long[]> tables) throws IOException {
        if (entries == 0 || !use(offset, entries * 8L, what)) {
            return;
        }
        long[] l1 = table(offset, entries);
        for (int i = 0; i < entries; i++) {
            long at = l1[i] & Mapping.OFFSET;
            if (at != 0 && use(at, header.clusterSize, "L2 table " + i)) {
                tables.add(new long[] {offset + i * 8L, l1[i]});
                l2(at, tables);
            }
        }
    }

    private void l2(long offset, List<long[]> tables) throws IOException {
        long[] l2 = table(offset, header.clusterSize / 8);
        for (int i = 0; i < l2.length; i++) {
            long e = l2[i];
            if ((e & Mapping.COMPRESSED) != 0) {
                long at = Compressed.offset(e, header.clusterBits) & -header.clusterSize;
                long last = Compressed.offset(e, header.clusterBits) + Compressed.length(e, header.clusterBits) - 1;
                compressed++;
                // the last sector may be counted beyond the end of the file
                use(at, Math.min(last, Math.max(at, end - 1)) - at + 1, "compressed cluster");
                continue;
            }
            zero += e & Mapping.ZERO;
            if ((e & Mapping.OFFSET) != 0 && use(e & Mapping.OFFSET, header.clusterSize, "cluster " + i + " of the table at 0x" + Long.toHexString(offset))) {
                data++;
                tables.add(new long[] {offset + i * 8L, e});
            }
        }
    }

    private void snapshots() throws IOException {
        long at = header.snapshotsOffset;
        for (int i = 0; i < header.snapshots; i++) {
            if (at < 0 || at > header.store.size() - 40) {
                error("entry " + i + " of the snapshot table at 0x" + Long.toHexString(at) + " lies outside of the file");
                return;
            }
            ByteBuffer b = ByteBuffer.allocate(40);
            header.store.read(at, b);
            int entries = b.getInt(8);
            if (entries < 0 || entries > 4 << 20) {
                error("snapshot " + i + " has " + Integer.toUnsignedString(entries) + " L1 entries");
                return;
            }
            l1(b.getLong(0), entries, "L1 table of snapshot " + i, new ArrayList<>());
            at += 40L + (b.getInt(36) & 0xffffL) + (b.getShort(12) & 0xffff) + (b.getShort(14) & 0xffff) + 7 & -8;
        }
        if (header.snapshots > 0) {
            use(header.snapshotsOffset, at - header.snapshotsOffset, "snapshot table");
        }
    }

    private void compare(List<long[]> tables, Repair repair) throws IOException {
        Metadata metadata = new Metadata(header.clusterBits);
        used.keySet().forEach(c -> metadata.add(c << header.clusterBits, 1));
        Refcounts counts = new Refcounts(header, metadata);
        Map<Long, Long> counted = counts.all();
        TreeSet<Long> all = new TreeSet<>(used.keySet());
        all.addAll(counted.keySet());
        for (long c : all) {
            long is = counted.getOrDefault(c, 0L), should = used.getOrDefault(c, 0L);
            if (is == should) {
                continue;
            }
            if (is > should && repair != Repair.NOTHING || is < should && repair == Repair.ALL) {
                counts.set(c, should);
                mended++;
            } else if (is > should) {
                leaks++;
            } else {
                error("cluster " + c + " is counted " + is + " times and used " + should + " times");
            }
        }
        for (long[] t : tables) {
            flag(t[0], t[1], counts, repair);
        }
        if (repair != Repair.NOTHING) {
            counts.writeBlocks();
            header.store.flush();
            if (counts.tableDirty()) {
                counts.writeTable();
            }
        }
    }

    /** COPIED says: counted once, may be written in place. */
    private void flag(long place, long entry, Refcounts counts, Repair repair) throws IOException {
        boolean alone = counts.get((entry & Mapping.OFFSET) >> header.clusterBits) == 1;
        if (alone == ((entry & Mapping.COPIED) != 0)) {
            return;
        }
        if (repair == Repair.ALL) {
            header.store.write(place, ByteBuffer.allocate(8).putLong(alone ? entry | Mapping.COPIED : entry & ~Mapping.COPIED).flip());
            mended++;
        } else if (!alone) {
            // the other way round costs a copy and loses nothing
            error("cluster at 0x" + Long.toHexString(entry & Mapping.OFFSET) + " is flagged as used once");
        }
    }
}
