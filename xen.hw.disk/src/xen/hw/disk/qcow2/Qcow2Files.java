package xen.hw.disk.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import xen.kernel.api.block.BlockBacking;

/** Opens and makes images. */
public final class Qcow2Files {
    private static final int HEADER = 112;

    private Qcow2Files() {}

    /** Finds what an image lies over. */
    @FunctionalInterface
    public interface Bases {
        /** @param format as the image says, never null */
        BlockBacking open(String name, String format) throws IOException;
    }

    /** @param file becomes the image's, also when this fails */
    public static Qcow2Image open(Store file, boolean readOnly, Bases bases) throws IOException {
        BlockBacking base = null;
        try {
            Header h = new Header(file);
            if (!readOnly && h.snapshots > 0) {
                throw h.wrong("has " + h.snapshots + " internal snapshots, which a writer here would not keep", "open it with ro, or delete them: qemu-img snapshot -d");
            }
            if (!readOnly && h.markedCorrupt()) {
                throw h.corrupt("it is marked so");
            }
            if (!readOnly && h.dirty()) {
                // its writer kept counts in memory and did not come to write them
                Checker.Result r = Checker.check(file, Checker.Repair.ALL);
                if (r.errors() > 0) {
                    throw h.corrupt(r.messages().getFirst());
                }
                h = new Header(file);
            }
            if (h.backing != null && h.backingFormat == null) {
                throw h.wrong("does not say of what format its backing file '" + h.backing + "' is, and guessing would let a guest of that file choose",
                        "say it: ./xen image rebase -F raw|qcow2 " + file.name());
            }
            base = h.backing == null ? null : bases.open(h.backing, h.backingFormat);
            return new Qcow2Image(h, base, readOnly);
        } catch (IOException | RuntimeException e) {
            close(e, file);
            if (base != null) {
                close(e, base);
            }
            throw e;
        }
    }

    private static void close(Exception why, AutoCloseable c) {
        try {
            c.close();
        } catch (Exception x) {
            why.addSuppressed(x);
        }
    }

    /**
     * How a new image shall be.
     *
     * @param version 2 or 3
     * @param backing null = none
     */
    public record Options(long size, int version, int clusterSize, int refcountBits, boolean lazy, String backing, String backingFormat) {
        public static Options of(long size) { return new Options(size, 3, 65536, 16, false, null, null); }
    }

    /** Makes an image in an empty file. */
    public static void create(Store file, Options o) throws IOException {
        int cs = o.clusterSize;
        check(file, o);
        int perBlock = cs * 8 / o.refcountBits;
        long each = (long) cs * (cs / 8), entries = Math.max(1, (o.size + each - 1) / each);
        long l1 = (entries * 8 + cs - 1) / cs, blocks = 1, tables = 1;
        for (long before = 0; before != 1 + tables + blocks + l1;) {
            before = 1 + tables + blocks + l1;
            blocks = (before + perBlock - 1) / perBlock;
            tables = (blocks * 8 + cs - 1) / cs;
        }
        if (entries * 8 > 32 << 20) {
            throw new ImageException(file.name() + ": " + o.size + " bytes need larger clusters than " + cs + "; try cluster_size=" + cs * 8, false);
        }
        ByteBuffer table = ByteBuffer.allocate((int) tables * cs);
        for (int i = 0; i < blocks; i++) {
            table.putLong(i * 8, (1 + tables + i) * cs);
        }
        file.write(cs, table);
        byte[] l1Zeros = new byte[cs];
        for (long i = 0; i < l1; i++) {
            file.write((1 + tables + blocks + i) * cs, ByteBuffer.wrap(l1Zeros));
        }
        byte[] empty = new byte[cs];
        for (int i = 0; i < blocks; i++) {
            file.write((1 + tables + i) * cs, ByteBuffer.wrap(empty));
        }
        file.write(0, header(o, (int) entries, (1 + tables + blocks) * cs, cs, (int) tables));
        Header h = new Header(file);
        Refcounts counts = new Refcounts(h, new Metadata(h.clusterBits));
        for (long c = 0; c < 1 + tables + blocks + l1; c++) {
            counts.set(c, 1);
        }
        counts.writeBlocks();
        file.flush();
    }

    private static void check(Store file, Options o) throws IOException {
        String wrong = o.size < 0 || o.size % 512 != 0 ? "a size of " + o.size + " bytes: a multiple of 512 is expected"
                : Integer.bitCount(o.clusterSize) != 1 || o.clusterSize < 512 || o.clusterSize > 2 << 20 ? "cluster_size=" + o.clusterSize + ": a power of two from 512 to 2M"
                : Integer.bitCount(o.refcountBits) != 1 || o.refcountBits < 1 || o.refcountBits > 64 ? "refcount_bits=" + o.refcountBits + ": 1, 2, 4, 8, 16, 32 or 64"
                : o.version != 2 && o.version != 3 ? "compat: 0.10 (version 2) or 1.1 (version 3)"
                : o.version == 2 && (o.refcountBits != 16 || o.lazy) ? "version 2 has refcounts of 16 bits that are not lazy" : null;
        if (wrong != null) {
            throw new ImageException(file.name() + ": " + wrong, false);
        }
    }

    /** The first cluster. */
    private static ByteBuffer header(Options o, int entries, long l1, long table, int clusters) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(o.clusterSize);
        b.putInt(0, Header.MAGIC).putInt(4, o.version).putInt(20, Integer.numberOfTrailingZeros(o.clusterSize)).putLong(24, o.size)
                .putInt(36, entries).putLong(40, l1).putLong(48, table).putInt(56, clusters);
        int at = 72;
        if (o.version == 3) {
            b.putLong(80, o.lazy ? Header.LAZY : 0).putInt(96, Integer.numberOfTrailingZeros(o.refcountBits)).putInt(100, HEADER);
            at = HEADER;
        }
        tail(b, at, o.backing, o.backingFormat);
        return b;
    }

    private static void tail(ByteBuffer b, int from, String backing, String format) throws IOException {
        int at = from;
        byte[] name = backing == null ? new byte[0] : backing.getBytes(StandardCharsets.UTF_8);
        byte[] kind = format == null ? new byte[0] : format.getBytes(StandardCharsets.US_ASCII);
        if (name.length > 1023 || at + 8 + (kind.length + 7 & -8) + 8 + name.length > b.capacity()) {
            throw new ImageException("the name of the backing file is too long for the first cluster: " + backing + "; use a shorter one, or larger clusters", false);
        }
        if (kind.length > 0) {
            b.putInt(at, Header.EXT_BACKING_FORMAT).putInt(at + 4, kind.length).put(at + 8, kind);
            at += 8 + (kind.length + 7 & -8);
        }
        at += 8;
        if (name.length > 0) {
            b.putLong(8, at).putInt(16, name.length).put(at, name);
        }
    }

    /** Another backing file, or format of it; what the image shows changes if the contents differ. */
    public static void rebase(Store file, String backing, String format) throws IOException {
        Header h = new Header(file);
        ByteBuffer b = ByteBuffer.allocate(h.clusterSize);
        file.read(0, b);
        int length = h.version == 3 ? b.getInt(100) : 72;
        for (int i = length; i < b.capacity(); i++) {
            b.put(i, (byte) 0);
        }
        b.putLong(8, 0).putInt(16, 0);
        tail(b, length, backing != null ? backing : h.backing, format);
        file.write(0, b.clear());
        file.flush();
    }

    /** What there is to say of an image, in order. */
    public static Map<String, String> describe(Store file) throws IOException {
        Header h = new Header(file);
        Map<String, String> m = new java.util.LinkedHashMap<>();
        m.put("format", "qcow2 version " + h.version + (h.version == 2 ? " (compat 0.10)" : " (compat 1.1)"));
        m.put("virtual size", h.size + " bytes");
        m.put("file size", file.size() + " bytes");
        m.put("cluster size", h.clusterSize + " bytes");
        m.put("refcount bits", Integer.toString(1 << h.refcountOrder));
        m.put("compression", h.compression == 0 ? "zlib" : "zstd");
        m.put("lazy refcounts", Boolean.toString((h.compatible & Header.LAZY) != 0));
        m.put("snapshots", Integer.toString(h.snapshots));
        m.put("state", h.markedCorrupt() ? "marked corrupt" : h.dirty() ? "dirty: counts are mended when it is opened for writing" : "clean");
        if (h.backing != null) {
            m.put("backing file", h.backing);
            m.put("backing format", h.backingFormat == null ? "not said" : h.backingFormat);
        }
        return m;
    }
}
