package xen.kernel.api.block;

import java.io.IOException;
import xen.kernel.api.hw.Raw;

/**
 * The bytes behind a virtual disk: an image file or memory. Calls may block on the host's storage; several threads may call at once, the
 * core sees to it that overlapping ranges do not. Sectors are of 512 bytes whatever {@link #sectorSize} says. Addresses are absolute
 * host addresses that the caller has checked.
 */
public interface BlockBacking extends AutoCloseable {
    /** Size in units of 512 bytes. */
    long sectors();

    /** Smallest unit that a guest may write: 512 or 4096. */
    default int sectorSize() { return 512; }

    boolean readOnly();

    void read(long sector, long address, int bytes) throws IOException;

    void write(long sector, long address, int bytes) throws IOException;

    /**
     * Reads what follows each other on the disk into several pieces of memory.
     *
     * @param pieces address of {@code count} pairs of address and length in bytes, each of eight bytes
     */
    default void readPieces(long sector, long pieces, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            int bytes = (int) Raw.get64(pieces + 16L * i + 8);
            read(sector, Raw.get64(pieces + 16L * i), bytes);
            sector += bytes >> 9;
        }
    }

    /** Writes several pieces of memory one behind the other, as {@link #readPieces} reads. */
    default void writePieces(long sector, long pieces, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            int bytes = (int) Raw.get64(pieces + 16L * i + 8);
            write(sector, Raw.get64(pieces + 16L * i), bytes);
            sector += bytes >> 9;
        }
    }

    /**
     * Does the same as {@link #readPieces} if that needs no waiting (for storage, for a lock); the caller has others to serve.
     *
     * @return false when it was not done, or not all of it
     */
    default boolean readNow(long sector, long pieces, int count) { return false; }

    /** Does the same as {@link #writePieces} if that needs no waiting, as {@link #readNow} does. */
    default boolean writeNow(long sector, long pieces, int count) { return false; }

    /** Everything written is on stable storage when this returns. */
    void flush() throws IOException;

    /** True when {@link #discard} gives room back. */
    default boolean discards() { return false; }

    /** The contents of the range are of no more use; reading it gives zeros or the old contents. */
    default void discard(long sector, long count) throws IOException {}

    /** Looks at the size again (an image that grew); false when it did not change. */
    default boolean refresh() throws IOException { return false; }

    @Override void close() throws IOException;
}
