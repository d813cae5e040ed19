package xen.toolstack.save;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;
import xen.kernel.api.hw.Raw;

/** Frames between machine memory and a file, without a copy between. */
final class HostPages {
    /** What is read at once, so that its checksum is computed while the caches have it. */
    private static final int PIECE = 1 << 20;

    private HostPages() {}

    private static ByteBuffer view(long address, int bytes) { return MemorySegment.ofAddress(address).reinterpret(bytes).asByteBuffer(); }

    static boolean zero(long page) {
        for (int i = 0; i < 4096; i += 8) {
            if (Raw.get64(page + i) != 0) {
                return false;
            }
        }
        return true;
    }

    static void write(FileChannel file, long position, long address, long bytes, CRC32C crc) throws IOException {
        for (long done = 0; done < bytes;) {
            int n = (int) Math.min(PIECE, bytes - done);
            ByteBuffer b = view(address + done, n);
            crc.update(b.duplicate());
            while (b.hasRemaining()) {
                file.write(b, position + done + b.position());
            }
            done += n;
        }
    }

    static void read(FileChannel file, long position, long address, long bytes, CRC32C crc) throws IOException {
        for (long done = 0; done < bytes;) {
            int n = (int) Math.min(PIECE, bytes - done);
            ByteBuffer b = view(address + done, n);
            while (b.hasRemaining()) {
                if (file.read(b, position + done + b.position()) < 0) {
                    throw new EOFException("it ends early");
                }
            }
            crc.update(b.flip());
            done += n;
        }
    }
}
