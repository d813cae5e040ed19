package xen.toolstack.console;

import java.io.ByteArrayOutputStream;

/** The last part of a console's output, of bounded size. Thread-safe. */
public final class ConsoleLog {
    private final int limit;
    private byte[] ring = new byte[4096];
    private long written;

    public ConsoleLog(int limit) { this.limit = limit; }

    /** What was printed last is this now. */
    public synchronized void append(byte[] text) {
        for (byte b : text) {
            if (written == ring.length && ring.length < limit) {
                ring = java.util.Arrays.copyOf(ring, Math.min(limit, ring.length * 2));
            }
            ring[(int) (written++ % ring.length)] = b;
        }
    }

    public synchronized byte[] content() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int start = (int) (written % ring.length);
        if (written > ring.length) {
            out.write(ring, start, ring.length - start);
        }
        out.write(ring, 0, written > ring.length ? start : (int) written);
        return out.toByteArray();
    }
}
