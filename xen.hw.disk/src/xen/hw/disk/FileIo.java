package xen.hw.disk;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Whole transfers between a file and host memory, without a copy between. */
final class FileIo {
    private FileIo() {}

    private static ByteBuffer buffer(long address, int bytes) { return MemorySegment.ofAddress(address).reinterpret(bytes).asByteBuffer(); }

    static void read(FileChannel file, long position, long address, int bytes) throws IOException {
        ByteBuffer b = buffer(address, bytes);
        while (b.hasRemaining()) {
            if (file.read(b, position + b.position()) < 0) {
                // zeros would be taken for what the guest once wrote there
                throw new EOFException("the image was cut while in use: it ends at byte " + file.size());
            }
        }
    }

    static void write(FileChannel file, long position, long address, int bytes) throws IOException {
        ByteBuffer b = buffer(address, bytes);
        while (b.hasRemaining()) {
            if (file.write(b, position + b.position()) <= 0) {
                throw new EOFException("nothing was written");
            }
        }
    }
}
