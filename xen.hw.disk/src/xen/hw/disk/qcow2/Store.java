package xen.hw.disk.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The file that an image is in. Any thread. */
interface Store extends AutoCloseable {
    /** For messages. */
    String name();

    long size() throws IOException;

    /** Fills the buffer; zeros where the file has ended. */
    void read(long position, ByteBuffer to) throws IOException;

    /** All of the buffer; the file grows. */
    void write(long position, ByteBuffer from) throws IOException;

    /** All that was written is on stable storage. */
    void flush() throws IOException;

    /** Gives the room back; false when the file system cannot. The range reads as anything afterwards. */
    boolean punch(long position, long bytes) throws IOException;

    @Override void close() throws IOException;
}
