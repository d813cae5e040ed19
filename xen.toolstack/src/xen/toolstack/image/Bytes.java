package xen.toolstack.image;

import java.nio.charset.StandardCharsets;
import xen.toolstack.api.ToolstackException;

/** A little-endian view of a file's bytes whose every read is bounds-checked: past the end is "truncated", never an exception of Java's. */
final class Bytes {
    final byte[] data;
    private final String file;

    Bytes(String file, byte[] data) {
        this.file = file;
        this.data = data;
    }

    String file() { return file; }

    int u8(long at) { return data[check(at, 1)] & 0xff; }

    int u16(long at) { return u8(at) | u8(at + 1) << 8; }

    long u32(long at) {
        int i = check(at, 4);
        return (data[i] & 0xffL) | (data[i + 1] & 0xffL) << 8 | (data[i + 2] & 0xffL) << 16 | (data[i + 3] & 0xffL) << 24;
    }

    long u64(long at) { return u32(at) | u32(at + 4) << 32; }

    int check(long at, long length) {
        if (at < 0 || length < 0 || at > data.length - length) {
            throw new ToolstackException(file + ": truncated: " + length + " bytes at offset " + Long.toUnsignedString(at)
                    + " are missing, the file has " + data.length);
        }
        return (int) at;
    }

    /** A string that ends at a NUL or at {@code limit}. */
    String text(long at, long limit) {
        int start = check(at, 0);
        int end = start;
        while (end < Math.min(limit, data.length) && data[end] != 0) {
            end++;
        }
        return new String(data, start, end - start, StandardCharsets.ISO_8859_1);
    }

    boolean startsWith(long at, int... magic) {
        if (at + magic.length > data.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if ((data[(int) at + i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }
}
