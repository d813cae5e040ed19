package xen.cpu.nativecode;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Translations kept in a file from one run to the next: the area as it is behind the stubs, so that nothing has to be relocated, and the tables of
 * {@link Translations}. The key (build of the emitter, CPU features of the host, bytes of the stubs) is part of the checksum over everything: a file of
 * another build or host, or one that was cut short or changed, is not used. Nor is one that somebody else could have written: it and its folder must belong
 * to the user of this process and be writable by nobody else.
 *
 * <p>Written to a temporary file that replaces the old one in one step: runs side by side may lose each other's additions, never see half a file.
 */
final class CodeStore {
    private static final Logger LOG = LoggerFactory.getLogger(CodeStore.class);
    private static final long MAGIC = 0x3130_4e41_5254_4e58L;
    /** Magic, checksum, and the sizes: code, entries, exits, bytes, heads. */
    private static final int HEADER = 16 + 5 * 4;
    /** More code than this is not kept: the next run begins anew. */
    static final long LIMIT = 40 << 20;

    private final Path file;
    private final long key;

    CodeStore(Path folder, long key) {
        file = folder.resolve("native-%016x.code".formatted(key));
        this.key = key;
    }

    Path file() { return file; }

    /** Reads the file's code to host address {@code code}, where {@code room} bytes are, and its tables into {@code t}; returns bytes of code, 0 = none. */
    int load(long code, long room, Translations t) {
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                return 0;
            }
            if (!ours(file.getParent()) || !ours(file)) {
                LOG.info("code cache {} is not used: it, or its folder, can be written by others", file);
                return 0;
            }
            try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
                return load(in, code, room, t);
            }
        } catch (IOException | UnsupportedOperationException e) {
            LOG.info("code cache {} is not used: {}", file, e.toString());
            return 0;
        }
    }

    private int load(FileChannel in, long code, long room, Translations t) throws IOException {
        ByteBuffer h = buffer(HEADER);
        fill(in, h);
        h.flip();
        long magic = h.getLong(), sum = h.getLong();
        int size = h.getInt(), entries = h.getInt(), exits = h.getInt(), bytes = h.getInt(), heads = h.getInt();
        long total = HEADER + (long) size + 4L * entries + 4L * exits + bytes + 4L * heads;
        if (magic != MAGIC || size < 0 || entries < 0 || exits < 0 || bytes < 0 || Integer.bitCount(heads) != 1 || size > Math.min(room, LIMIT) || total != in.size() || total > 4 * LIMIT) {
            LOG.info("code cache {} is not used: it is no such file", file);
            return 0;
        }
        CRC32 crc = begin(size, entries, exits, bytes, heads);
        ByteBuffer area = MemorySegment.ofAddress(code).reinterpret(size).asByteBuffer();
        fill(in, area);
        crc.update(area.flip());
        ByteBuffer tables = buffer((int) (total - HEADER - size));
        fill(in, tables);
        crc.update(tables.flip());
        if (crc.getValue() != sum) {
            LOG.info("code cache {} is not used: its checksum is wrong", file);
            return 0;
        }
        tables.flip();
        t.entries = ints(tables, entries, 1024);
        t.exits = ints(tables, exits, 1024);
        t.heads = ints(tables, heads, 0);
        t.bytes = new byte[Math.max(bytes, 1024)];
        tables.get(t.bytes, 0, bytes);
        t.count = t.loaded = entries / Translations.entrySize();
        t.exitCount = exits / Translations.EXIT_FIELDS;
        t.byteCount = bytes;
        return size;
    }

    /** Keeps {@code size} bytes of code at host address {@code code} and the tables. */
    void save(long code, int size, Translations t) {
        try {
            if (size > LIMIT) {
                Files.deleteIfExists(file);
                return;
            }
            Path folder = file.getParent();
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            if (!ours(folder)) {
                LOG.info("no code cache is kept: others can write to {}", folder);
                return;
            }
            t.index();
            ByteBuffer tables = buffer(4 * (t.entryInts() + t.exitInts() + t.heads.length) + t.byteCount);
            tables.asIntBuffer().put(t.entries, 0, t.entryInts()).put(t.exits, 0, t.exitInts()).put(t.heads);
            tables.position(tables.capacity() - t.byteCount);
            tables.put(t.bytes, 0, t.byteCount).flip();
            ByteBuffer area = MemorySegment.ofAddress(code).reinterpret(size).asByteBuffer();
            CRC32 crc = begin(size, t.entryInts(), t.exitInts(), t.byteCount, t.heads.length);
            crc.update(area.duplicate());
            crc.update(tables.duplicate());
            ByteBuffer h = buffer(HEADER).putLong(MAGIC).putLong(crc.getValue()).putInt(size).putInt(t.entryInts()).putInt(t.exitInts()).putInt(t.byteCount)
                    .putInt(t.heads.length).flip();
            replace(h, area, tables);
        } catch (IOException | UnsupportedOperationException e) {
            LOG.info("code cache {} is not kept: {}", file, e.toString());
        }
    }

    private void replace(ByteBuffer... parts) throws IOException {
        Path fresh = Files.createTempFile(file.getParent(), "native", ".tmp");
        try {
            try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                for (ByteBuffer b : parts) {
                    while (b.hasRemaining()) {
                        out.write(b);
                    }
                }
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** The checksum begins with what the translations depend on. */
    private CRC32 begin(int... sizes) {
        ByteBuffer b = buffer(8 + 4 * sizes.length).putLong(key);
        for (int s : sizes) {
            b.putInt(s);
        }
        CRC32 crc = new CRC32();
        crc.update(b.flip());
        return crc;
    }

    /** Belongs to this process's user; nobody else may write. */
    private static boolean ours(Path p) throws IOException {
        Object me = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        int mode = (int) Files.getAttribute(p, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return me.equals(Files.getAttribute(p, "unix:uid", LinkOption.NOFOLLOW_LINKS)) && (mode & 0022) == 0;
    }

    private static ByteBuffer buffer(int size) { return ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN); }

    private static void fill(FileChannel in, ByteBuffer b) throws IOException {
        while (b.hasRemaining()) {
            if (in.read(b) < 0) {
                throw new IOException("it ends too early");
            }
        }
    }

    private static int[] ints(ByteBuffer from, int n, int least) {
        int[] to = new int[Math.max(n, least)];
        from.asIntBuffer().get(to, 0, n);
        from.position(from.position() + 4 * n);
        return to;
    }
}
