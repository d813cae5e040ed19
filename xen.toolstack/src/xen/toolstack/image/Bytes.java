package xen.toolstack.image;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import xen.kernel.api.hw.Raw;
import xen.toolstack.api.ToolstackException;

/**
 * A little-endian view of a file's bytes, in the heap or mapped, whose every read is bounds-checked: past the end is "truncated", never an exception of
 * Java's. Immutable as long as its source is.
 */
final class Bytes {
    private final String file;
    private final ByteBuffer data;

    Bytes(String file, byte[] data) { this(file, ByteBuffer.wrap(data)); }

    /** @param data from its position to its limit */
    Bytes(String file, ByteBuffer data) {
        this.file = file;
        this.data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    String file() { return file; }

    int length() { return data.limit(); }

    /** A view of its own position, not to be written. */
    ByteBuffer buffer() { return data.duplicate().order(ByteOrder.LITTLE_ENDIAN); }

    Bytes part(long at, long length) { return new Bytes(file, data.slice(check(at, length), (int) length)); }

    int u8(long at) { return data.get(check(at, 1)) & 0xff; }

    int u16(long at) { return data.getShort(check(at, 2)) & 0xffff; }

    long u32(long at) { return data.getInt(check(at, 4)) & 0xffff_ffffL; }

    long u64(long at) { return data.getLong(check(at, 8)); }

    /** Copies to host address {@code to}. */
    void copy(long at, long to, int length) {
        int from = check(at, length);
        if (data.isDirect()) {
            Raw.copy(MemorySegment.ofBuffer(data).address() + from, to, length);
            Reference.reachabilityFence(data);
        } else {
            Raw.put(to, data.array(), data.arrayOffset() + from, length);
        }
    }

    int check(long at, long length) {
        if (at < 0 || length < 0 || at > data.limit() - length) {
            throw new ToolstackException(file + ": truncated: " + length + " bytes at offset " + Long.toUnsignedString(at)
                    + " are missing, the file has " + data.limit());
        }
        return (int) at;
    }

    /** A string that ends at a NUL or at {@code limit}. */
    String text(long at, long limit) {
        int start = check(at, 0);
        int end = start;
        while (end < Math.min(limit, data.limit()) && data.get(end) != 0) {
            end++;
        }
        byte[] text = new byte[end - start];
        data.get(start, text);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    boolean startsWith(long at, int... magic) {
        if (at + magic.length > data.limit()) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if ((data.get((int) at + i) & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }
}
