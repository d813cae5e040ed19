package xen.toolstack.save;

import static xen.toolstack.save.SnapshotFormat.*;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import xen.toolstack.api.ToolstackException;

/** An open snapshot whose header was found to be sound. One thread. */
final class SnapshotFile implements AutoCloseable {
    private record Section(long offset, long length, int crc) {}

    final Path path;
    private final FileChannel in;
    private final Map<String, Section> sections = new HashMap<>();

    private SnapshotFile(Path path, FileChannel in) {
        this.path = path;
        this.in = in;
    }

    /** @throws ToolstackException that names file, cause and next step */
    static SnapshotFile open(Path path) {
        if (Files.isDirectory(path)) {
            throw new ToolstackException(path + ": a folder, not a snapshot; name the file that xen save wrote");
        }
        FileChannel in = null;
        try {
            in = FileChannel.open(path, StandardOpenOption.READ);
            SnapshotFile f = new SnapshotFile(path, in);
            f.header();
            return f;
        } catch (NoSuchFileException e) {
            throw new ToolstackException(path + ": no such file; make one with: ./xen save " + path.getFileName() + " debian");
        } catch (IOException e) {
            quietly(in);
            throw e instanceof EOFException ? bad(path, "it has only " + size(path) + " bytes") : new ToolstackException(path + ": cannot read it: " + e, e);
        } catch (RuntimeException e) {
            quietly(in);
            throw e;
        }
    }

    private static long size(Path p) { return p.toFile().length(); }

    private static void quietly(FileChannel c) {
        try {
            if (c != null) {
                c.close();
            }
        } catch (IOException e) {
            // nothing was written
        }
    }

    private void header() throws IOException {
        ByteBuffer h = ByteBuffer.allocate(PAGE).order(ByteOrder.LITTLE_ENDIAN);
        read(h, 0, "header");
        if (h.getLong(0) != MAGIC) {
            throw new ToolstackException(path + ": not a snapshot of xen save; name the file that it wrote");
        }
        int version = h.getInt(AT_VERSION);
        if (version != VERSION) {
            throw new ToolstackException(path + ": a snapshot of format " + Integer.toUnsignedString(version) + ", this build reads format " + VERSION
                    + "; restore it with the build that wrote it, or save the domain again with this one");
        }
        CRC32C crc = new CRC32C();
        int written = h.getInt(AT_CRC);
        h.putInt(AT_CRC, 0);
        crc.update(h.array());
        if ((int) crc.getValue() != written) {
            throw bad(path, "its header is damaged");
        }
        long length = h.getLong(AT_LENGTH);
        if (in.size() < length) {
            throw bad(path, "it is cut short: " + in.size() + " of " + length + " bytes are there");
        }
        int n = h.getInt(AT_COUNT);
        if (h.getInt(AT_PAGE) != PAGE || n < 0 || n > MOST_SECTIONS) {
            throw bad(path, "its header makes no sense: pages of " + h.getInt(AT_PAGE) + ", " + n + " sections");
        }
        for (int i = 0; i < n; i++) {
            int at = AT_TABLE + i * ROW;
            String name = new String(h.array(), at, 8, StandardCharsets.ISO_8859_1).replace("\0", "");
            Section s = new Section(h.getLong(at + 8), h.getLong(at + 16), h.getInt(at + 24));
            if (s.offset < PAGE || s.length < 0 || s.offset > length - s.length) {
                throw bad(path, "section " + name + " lies outside of it");
            }
            sections.put(name, s);
        }
    }

    private void read(ByteBuffer b, long position, String what) throws IOException {
        while (b.hasRemaining()) {
            if (in.read(b, position + b.position()) < 0) {
                throw new EOFException(what);
            }
        }
    }

    private Section section(String name) {
        Section s = sections.get(name);
        if (s == null) {
            throw bad(path, "it has no section " + name);
        }
        return s;
    }

    /** A whole section, its checksum compared. */
    byte[] bytes(String name) {
        Section s = section(name);
        if (s.length > MOST_BYTES) {
            throw bad(path, "section " + name + " has " + s.length + " bytes");
        }
        ByteBuffer b = ByteBuffer.allocate((int) s.length);
        try {
            read(b, s.offset, name);
        } catch (IOException e) {
            throw new ToolstackException(path + ": cannot read section " + name + ": " + e, e);
        }
        CRC32C crc = new CRC32C();
        crc.update(b.array());
        if ((int) crc.getValue() != s.crc) {
            throw bad(path, "section " + name + " is damaged (its checksum differs)");
        }
        return b.array();
    }

    ByteBuffer buffer(String name) { return ByteBuffer.wrap(bytes(name)).order(ByteOrder.LITTLE_ENDIAN); }

    long pages() { return section(MEMORY).length / PAGE; }

    /** Reads all frames to where the runs say: pairs of a host address and a number of pages, {@link #pages} in all. */
    void memory(long[] runs) {
        Section s = section(MEMORY);
        CRC32C crc = new CRC32C();
        long at = s.offset;
        try {
            for (int i = 0; i < runs.length; i += 2) {
                HostPages.read(in, at, runs[i], runs[i + 1] * PAGE, crc);
                at += runs[i + 1] * PAGE;
            }
        } catch (IOException e) {
            throw new ToolstackException(path + ": cannot read the domain's memory: " + e, e);
        }
        if ((int) crc.getValue() != s.crc) {
            throw bad(path, "the domain's memory is damaged (its checksum differs)");
        }
    }

    @Override public void close() { quietly(in); }
}
