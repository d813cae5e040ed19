package xen.hw.disk.qcow2;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import xen.hw.disk.HolePuncher;

/** An image in a file of the host. */
public final class FileStore implements Store {
    private final String name;
    private final FileChannel file;
    private final HolePuncher puncher;

    /** @param puncher or null */
    public FileStore(String name, FileChannel file, HolePuncher puncher) {
        this.name = name;
        this.file = file;
        this.puncher = puncher;
    }

    @Override public String name() { return name; }
    @Override public long size() throws IOException { return file.size(); }

    @Override public void read(long position, ByteBuffer to) throws IOException {
        long at = position - to.position();
        while (to.hasRemaining()) {
            if (file.read(to, at + to.position()) < 0) {
                while (to.remaining() >= 8) {
                    to.putLong(0);
                }
                while (to.hasRemaining()) {
                    to.put((byte) 0);
                }
            }
        }
    }

    @Override public void write(long position, ByteBuffer from) throws IOException {
        long at = position - from.position();
        while (from.hasRemaining()) {
            if (file.write(from, at + from.position()) <= 0) {
                throw new EOFException(name + ": nothing was written");
            }
        }
    }

    @Override public void flush() throws IOException { file.force(false); }
    @Override public boolean punch(long position, long bytes) throws IOException { return puncher != null && puncher.punch(position, bytes); }

    @Override public void close() throws IOException {
        try {
            file.close();
        } finally {
            if (puncher != null) {
                puncher.close();
            }
        }
    }
}
