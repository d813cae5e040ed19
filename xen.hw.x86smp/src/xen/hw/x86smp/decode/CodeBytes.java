package xen.hw.x86smp.decode;

import xen.kernel.api.hw.Raw;

/** The bytes of one instruction in host memory, read in order. Beyond the end everything is 0 and {@link #overrun} is set. */
abstract class CodeBytes {
    static final int LONGEST = 15;

    /** Bytes read. */
    int pos;
    boolean overrun;
    private long host;
    private int limit;

    final void from(long host, int available) {
        this.host = host;
        limit = Math.min(available, LONGEST);
        pos = 0;
        overrun = false;
    }

    final int peek() {
        if (pos >= limit) {
            overrun = true;
            return 0;
        }
        return Raw.get8(host + pos);
    }

    final int fetch8() {
        int b = peek();
        pos++;
        return b;
    }

    final long fetchSigned(int bytes) {
        if (pos + bytes > limit) {
            overrun = true;
            pos += bytes;
            return 0;
        }
        long at = host + pos;
        pos += bytes;
        return switch (bytes) {
            case 1 -> (byte) Raw.get8(at);
            case 2 -> (short) Raw.get16(at);
            case 4 -> Raw.get32(at);
            default -> Raw.get64(at);
        };
    }
}
