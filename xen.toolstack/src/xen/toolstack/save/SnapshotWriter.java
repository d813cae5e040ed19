package xen.toolstack.save;

import static xen.toolstack.save.SnapshotFormat.*;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/** Writes a snapshot beside its name and puts it in place when it is whole: a reader never sees half of one. One thread. */
final class SnapshotWriter implements AutoCloseable {
    private final Path file, part;
    private final FileChannel out;
    private final ByteBuffer header = ByteBuffer.allocate(PAGE).order(ByteOrder.LITTLE_ENDIAN);
    private long end = PAGE;
    private int sections;
    private boolean done;

    SnapshotWriter(Path file) throws IOException {
        this.file = file;
        // a name of its own: two processes may write the same snapshot
        part = Files.createTempFile(file.toAbsolutePath().getParent(), file.getFileName().toString(), ".part");
        out = FileChannel.open(part, StandardOpenOption.WRITE);
    }

    void section(String name, byte[] content) throws IOException {
        CRC32C crc = new CRC32C();
        crc.update(content);
        for (ByteBuffer b = ByteBuffer.wrap(content); b.hasRemaining();) {
            out.write(b, end + b.position());
        }
        row(name, content.length, crc);
    }

    /** Frames in the order of the runs: pairs of a host address and a number of pages. */
    void memory(long[] runs) throws IOException {
        CRC32C crc = new CRC32C();
        long bytes = 0;
        for (int i = 0; i < runs.length; i += 2) {
            HostPages.write(out, end + bytes, runs[i], runs[i + 1] * PAGE, crc);
            bytes += runs[i + 1] * PAGE;
        }
        row(MEMORY, bytes, crc);
    }

    private void row(String name, long length, CRC32C crc) {
        byte[] n = new byte[8];
        byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(ascii, 0, n, 0, ascii.length);
        header.position(AT_TABLE + sections++ * ROW).put(n).putLong(end).putLong(length).putInt((int) crc.getValue()).putInt(0);
        end = pad(end + length);
    }

    void finish() throws IOException {
        header.putLong(0, MAGIC).putInt(AT_VERSION, VERSION).putInt(AT_PAGE, PAGE).putLong(AT_LENGTH, end).putInt(AT_COUNT, sections).putInt(AT_CRC, 0);
        CRC32C crc = new CRC32C();
        crc.update(header.array());
        header.putInt(AT_CRC, (int) crc.getValue()).position(0);
        while (header.hasRemaining()) {
            out.write(header, header.position());
        }
        if (out.size() < end) {
            out.write(ByteBuffer.allocate(1), end - 1);
        }
        out.close();
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        done = true;
    }

    @Override public void close() throws IOException {
        out.close();
        if (!done) {
            Files.deleteIfExists(part);
        }
    }
}
