package xen.hw.disk.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The first cluster of an image, checked. Fields that change are written one by one; extensions nobody knows stay as they are. */
final class Header {
    static final int MAGIC = 0x514649fb;
    static final long DIRTY = 1, CORRUPT = 2, EXTERNAL_DATA = 4, COMPRESSION = 8, EXTENDED_L2 = 16, LAZY = 1;
    private static final int SIZE = 24, L1_SIZE = 36, L1_OFFSET = 40, TABLE_OFFSET = 48, TABLE_CLUSTERS = 56, INCOMPATIBLE = 72, AUTOCLEAR = 88;
    static final int EXT_BACKING_FORMAT = 0xe2792aca, EXT_FEATURES = 0x6803f857, EXT_BITMAPS = 0x23852875;
    /** QEMU's limits too. */
    private static final long LARGEST_L1 = 32 << 20, LARGEST_TABLE = 8 << 20, LARGEST = 1L << 60;

    final Store store;
    final int version, clusterBits, clusterSize, refcountOrder, compression, snapshots;
    final long compatible, snapshotsOffset;
    /** Null = none. */
    final String backing, backingFormat;
    final boolean bitmaps;
    private final Map<String, String> features = new HashMap<>();
    long size, l1Offset, tableOffset, incompatible, autoclear;
    int l1Size, tableClusters;

    Header(Store store) throws IOException {
        this.store = store;
        ByteBuffer b = ByteBuffer.allocate(112);
        store.read(0, b);
        b.clear();
        if (b.getInt(0) != MAGIC) {
            throw wrong("is no qcow2 image (it does not begin with QFI\\xfb)", "use format=raw, or make one with: ./xen image create -f qcow2");
        }
        version = b.getInt(4);
        if (version != 2 && version != 3) {
            throw wrong("has version " + version + " of qcow2; 2 and 3 are supported", "convert it with qemu-img");
        }
        clusterBits = b.getInt(20);
        if (clusterBits < 9 || clusterBits > 21) {
            throw corrupt("cluster size 2^" + clusterBits + " is not between 2^9 and 2^21");
        }
        clusterSize = 1 << clusterBits;
        size = b.getLong(SIZE);
        int crypt = b.getInt(32);
        if (crypt != 0) {
            throw wrong("is encrypted (" + (crypt == 1 ? "AES" : crypt == 2 ? "LUKS" : "method " + crypt) + "), which is not supported",
                    "convert it with: qemu-img convert -O qcow2");
        }
        l1Size = b.getInt(L1_SIZE);
        l1Offset = b.getLong(L1_OFFSET);
        tableOffset = b.getLong(TABLE_OFFSET);
        tableClusters = b.getInt(TABLE_CLUSTERS);
        snapshots = b.getInt(60);
        snapshotsOffset = b.getLong(64);
        int length = 72;
        if (version == 3) {
            incompatible = b.getLong(INCOMPATIBLE);
            compatible = b.getLong(80);
            autoclear = b.getLong(AUTOCLEAR);
            refcountOrder = b.getInt(96);
            length = b.getInt(100);
            compression = length >= 105 ? b.get(104) : 0;
        } else {
            compatible = 0;
            refcountOrder = 4;
            compression = 0;
        }
        if (version == 3 && (length < 104 || length > clusterSize || length % 8 != 0)) {
            throw corrupt("header length " + length);
        }
        Map<Integer, byte[]> extensions = extensions(length, b.getLong(8));
        byte[] format = extensions.get(EXT_BACKING_FORMAT);
        backingFormat = format == null ? null : new String(format, StandardCharsets.UTF_8);
        bitmaps = extensions.containsKey(EXT_BITMAPS);
        features(extensions.get(EXT_FEATURES));
        check();
        backing = backingName(b.getLong(8), b.getInt(16));
    }

    private Map<Integer, byte[]> extensions(int from, long end) throws IOException {
        Map<Integer, byte[]> all = new HashMap<>();
        ByteBuffer b = ByteBuffer.allocate((int) Math.min(clusterSize, 1 << 16));
        store.read(0, b);
        int limit = end > 0 && end < b.capacity() ? (int) end : b.capacity();
        for (int at = from; at + 8 <= limit;) {
            int type = b.getInt(at), n = b.getInt(at + 4);
            if (type == 0) {
                break;
            }
            if (n < 0 || n > limit - at - 8) {
                throw corrupt("header extension 0x" + Integer.toHexString(type) + " is longer than its cluster");
            }
            byte[] data = new byte[n];
            b.get(at + 8, data);
            all.put(type, data);
            at += 8 + (n + 7 & -8);
        }
        return all;
    }

    private void features(byte[] table) {
        for (int at = 0; table != null && at + 48 <= table.length; at += 48) {
            features.put(table[at] + "." + table[at + 1], new String(table, at + 2, 46, StandardCharsets.UTF_8).split("\0", 2)[0].replaceAll("[^ -~]", "?"));
        }
    }

    private void check() throws IOException {
        refuse(EXTERNAL_DATA, "external data file");
        refuse(EXTENDED_L2, "extended L2 entries (subclusters)");
        long unknown = incompatible & ~(DIRTY | CORRUPT | COMPRESSION);
        if (unknown != 0) {
            int bit = Long.numberOfTrailingZeros(unknown);
            throw wrong("uses feature " + bit + " (" + features.getOrDefault("0." + bit, "without a name") + "), which is not supported", "convert it with: qemu-img convert -O qcow2");
        }
        if (compression > 1 || (compression != 0) != ((incompatible & COMPRESSION) != 0)) {
            throw wrong("uses compression type " + compression + "; zlib (0) and zstd (1) are supported", "convert it with: qemu-img convert -O qcow2");
        }
        if (refcountOrder < 0 || refcountOrder > 6) {
            throw corrupt("refcounts of 2^" + refcountOrder + " bits; 1 to 64 are possible");
        }
        if (size < 0 || size > LARGEST) {
            throw corrupt("its disk has " + size + " bytes");
        }
        long needed = l1Needed(size);
        if (l1Size < 0 || l1Size * 8L > LARGEST_L1 || l1Size < needed) {
            throw corrupt("L1 table of " + Integer.toUnsignedString(l1Size) + " entries for a disk that needs " + needed);
        }
        place("L1 table", l1Offset, l1Size * 8L);
        if (tableClusters <= 0 || (long) tableClusters * clusterSize > LARGEST_TABLE + clusterSize) {
            throw corrupt("refcount table of " + Integer.toUnsignedString(tableClusters) + " clusters");
        }
        place("refcount table", tableOffset, (long) tableClusters * clusterSize);
        if (snapshots < 0 || snapshots > 65536) {
            throw corrupt(Integer.toUnsignedString(snapshots) + " snapshots");
        }
    }

    private void refuse(long bit, String what) throws IOException {
        if ((incompatible & bit) != 0) {
            throw wrong("uses '" + what + "', which is not supported", "convert it with: qemu-img convert -O qcow2");
        }
    }

    private void place(String what, long offset, long bytes) throws IOException {
        if (bytes == 0 && offset == 0) {
            return;
        }
        if (offset <= 0 || offset % clusterSize != 0 || offset > LARGEST || offset + bytes > roundUp(store.size())) {
            throw corrupt(what + " at " + offset + ", " + bytes + " bytes, in a file of " + store.size() + " bytes: the file was cut, or is damaged");
        }
    }

    private long roundUp(long n) { return n + clusterSize - 1 & -(long) clusterSize; }

    private String backingName(long offset, int n) throws IOException {
        if (offset == 0) {
            return null;
        }
        if (n <= 0 || n > 1023 || offset < 72 || offset + n > clusterSize) {
            throw corrupt("name of the backing file: " + n + " bytes at " + offset);
        }
        byte[] name = new byte[n];
        store.read(offset, ByteBuffer.wrap(name));
        return new String(name, StandardCharsets.UTF_8);
    }

    /** L1 entries of a disk of that size. */
    long l1Needed(long bytes) {
        long each = (long) clusterSize * (clusterSize / 8);
        return (bytes + each - 1) / each;
    }

    ImageException corrupt(String what) {
        return new ImageException(store.name() + ": is corrupt: " + what + "; look with: ./xen image check " + store.name()
                + "; mend a copy with: ./xen image check -r all", true);
    }

    ImageException wrong(String what, String next) { return new ImageException(store.name() + ": " + what + "; " + next, false); }

    // Changes, each in one write of one sector

    void size(long bytes, int entries, long offset) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(24);
        store.read(SIZE, b);
        b.putLong(0, bytes).putInt(L1_SIZE - SIZE, entries).putLong(L1_OFFSET - SIZE, offset);
        store.write(SIZE, b.clear());
        size = bytes;
        l1Size = entries;
        l1Offset = offset;
    }

    void table(long offset, int clusters) throws IOException {
        store.write(TABLE_OFFSET, ByteBuffer.allocate(12).putLong(offset).putInt(clusters).flip());
        tableOffset = offset;
        tableClusters = clusters;
    }

    void incompatible(long bits) throws IOException {
        if (version == 3) {
            store.write(INCOMPATIBLE, ByteBuffer.allocate(8).putLong(bits).flip());
        }
        incompatible = bits;
    }

    /** Features that a writer who does not know them must switch off. */
    void clearAutoclear() throws IOException {
        if (version == 3 && autoclear != 0) {
            store.write(AUTOCLEAR, ByteBuffer.allocate(8).putLong(0).flip());
            autoclear = 0;
        }
    }

    boolean dirty() { return (incompatible & DIRTY) != 0; }

    boolean markedCorrupt() { return (incompatible & CORRUPT) != 0; }
}
