package xen.hw.disk;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import xen.kernel.api.hw.Raw;

/** Whole transfers between a file and host memory, without a copy between. */
final class FileIo {
    private FileIo() {}

    private static ByteBuffer buffer(long address, int bytes) { return MemorySegment.ofAddress(address).reinterpret(bytes).asByteBuffer(); }

    static void read(FileChannel file, long position, long address, int bytes) throws IOException {
        ByteBuffer b = buffer(address, bytes);
        while (b.hasRemaining()) {
            if (file.read(b, position + b.position()) < 0) {
                // past the end of a file whose last sector is not whole, or that somebody cut
                Raw.zero(address + b.position(), b.remaining());
                return;
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
