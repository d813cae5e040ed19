package xen.hw.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import xen.kernel.api.block.BlockBacking;

/** A file that is the disk, byte by byte; holes in it take no room. */
final class RawImage implements BlockBacking {
    private final FileChannel file;
    private final boolean readOnly;
    private volatile long sectors;

    RawImage(Path path, boolean readOnly) throws IOException {
        this.readOnly = readOnly;
        file = ImageFiles.open(path, readOnly);
        sectors = file.size() >> 9;
        if (sectors == 0) {
            file.close();
            throw new IOException(path + ": is smaller than one sector; make it larger with: truncate -s 1G " + path);
        }
    }

    @Override public long sectors() { return sectors; }
    @Override public boolean readOnly() { return readOnly; }
    @Override public void read(long sector, long address, int bytes) throws IOException { FileIo.read(file, sector << 9, address, bytes); }
    @Override public void write(long sector, long address, int bytes) throws IOException { FileIo.write(file, sector << 9, address, bytes); }
    @Override public void flush() throws IOException { file.force(false); }

    @Override public boolean refresh() throws IOException {
        long now = file.size() >> 9;
        boolean changed = now != sectors;
        sectors = now;
        return changed;
    }

    @Override public void close() throws IOException { file.close(); }
}
