package xen.hw.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import xen.kernel.api.block.BlockBacking;
import xen.kernel.api.hw.Raw;

/** A file that is the disk, byte by byte; holes in it take no room, and what a guest discards becomes one where the host can. */
final class RawImage implements BlockBacking {
    private final FileChannel file;
    private final HolePuncher puncher;
    private final VectorIo vectors;
    private final boolean readOnly;
    private final int sectorSize;
    private volatile long sectors;
    private final WriteSpeed writes = new WriteSpeed();

    RawImage(Path path, boolean readOnly, int sectorSize) throws IOException {
        this.readOnly = readOnly;
        this.sectorSize = sectorSize;
        file = ImageFiles.open(path, readOnly);
        puncher = readOnly ? null : HolePuncher.open(path);
        vectors = VectorIo.open(path, readOnly);
        sectors = size();
        if (sectors == 0) {
            close();
            throw new IOException(path + (Files.isRegularFile(path) ? ": is smaller than one sector; make it larger with: truncate -s 1G " + path
                    : ": has no size, so it is no disk; name an image file or a block device"));
        }
    }

    private long size() throws IOException { return file.size() / sectorSize * (sectorSize >> 9); }

    @Override public long sectors() { return sectors; }
    @Override public int sectorSize() { return sectorSize; }
    @Override public boolean readOnly() { return readOnly; }
    @Override public void read(long sector, long address, int bytes) throws IOException { FileIo.read(file, sector << 9, address, bytes); }
    @Override public void write(long sector, long address, int bytes) throws IOException { FileIo.write(file, sector << 9, address, bytes); }

    @Override public void readPieces(long sector, long pieces, int count) throws IOException {
        // what came short or failed is done again one by one, which finds the end of the file or the error
        if (vectors == null || vectors.read(sector << 9, pieces, count) != bytes(pieces, count)) {
            BlockBacking.super.readPieces(sector, pieces, count);
        }
    }

    @Override public void writePieces(long sector, long pieces, int count) throws IOException {
        long from = System.nanoTime();
        if (vectors == null || vectors.write(sector << 9, pieces, count) != bytes(pieces, count)) {
            BlockBacking.super.writePieces(sector, pieces, count);
        }
        writes.took(System.nanoTime() - from);
    }

    @Override public boolean readNow(long sector, long pieces, int count) {
        return vectors != null && vectors.readCached(sector << 9, pieces, count) == bytes(pieces, count);
    }

    @Override public boolean writeNow(long sector, long pieces, int count) {
        if (vectors == null || !writes.quick()) {
            return false;
        }
        long from = System.nanoTime();
        boolean all = vectors.write(sector << 9, pieces, count) == bytes(pieces, count);
        writes.took(System.nanoTime() - from);
        return all;
    }

    private static long bytes(long pieces, int count) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Raw.get64(pieces + 16L * i + 8);
        }
        return sum;
    }

    @Override public void flush() throws IOException { file.force(false); }
    @Override public boolean discards() { return puncher != null; }

    @Override public void discard(long sector, long count) {
        // a file system that has no holes keeps the old contents, which is allowed
        puncher.punch(sector << 9, count << 9);
    }

    @Override public boolean refresh() throws IOException {
        long now = size();
        boolean changed = now != sectors;
        sectors = now;
        return changed;
    }

    @Override public void close() throws IOException {
        try {
            file.close();
        } finally {
            if (puncher != null) {
                puncher.close();
            }
            if (vectors != null) {
                vectors.close();
            }
        }
    }
}
