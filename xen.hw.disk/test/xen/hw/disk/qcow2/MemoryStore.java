package xen.hw.disk.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A file in memory that can be full, and that remembers what was written since the last flush, so that a crash can lose any of it. */
final class MemoryStore implements Store {
    private record Write(long position, byte[] bytes) {}

    private byte[] bytes = new byte[0];
    /** What is on stable storage. */
    private byte[] stable = new byte[0];
    private final List<Write> since = new ArrayList<>();
    long quota = Long.MAX_VALUE;
    boolean remembers;
    /** Called before a flush. */
    Runnable onFlush;

    @Override public String name() { return "memory.qcow2"; }
    @Override public long size() { return bytes.length; }

    @Override public void read(long position, ByteBuffer to) {
        while (to.hasRemaining()) {
            int n = (int) Math.min(to.remaining(), Math.max(0, bytes.length - position));
            if (n <= 0) {
                to.put(new byte[to.remaining()]);
                return;
            }
            to.put(bytes, (int) position, n);
            position += n;
        }
    }

    @Override public void write(long position, ByteBuffer from) throws IOException {
        byte[] data = new byte[from.remaining()];
        from.get(data);
        long end = position + data.length;
        if (end > quota && end > bytes.length) {
            throw new IOException("No space left on device");
        }
        if (end > 1 << 28) {
            throw new AssertionError("write at " + position);
        }
        bytes = put(bytes, position, data);
        if (remembers) {
            since.add(new Write(position, data));
        }
    }

    private static byte[] put(byte[] to, long position, byte[] data) {
        byte[] t = position + data.length > to.length ? Arrays.copyOf(to, (int) position + data.length) : to;
        System.arraycopy(data, 0, t, (int) position, data.length);
        return t;
    }

    @Override public void flush() {
        if (onFlush != null) {
            onFlush.run();
        }
        if (remembers) {
            stable = bytes.clone();
            since.clear();
        }
    }

    @Override public boolean punch(long position, long n) {
        if (position < bytes.length) {
            Arrays.fill(bytes, (int) position, (int) Math.min(bytes.length, position + n), (byte) 0xdd);
        }
        return true;
    }

    @Override public void close() {}

    void remember() {
        remembers = true;
        flush();
    }

    /** The machine lost power: of what was written since the last flush, each piece is there or not. */
    MemoryStore crashed(Random random) {
        MemoryStore m = new MemoryStore();
        m.bytes = stable.clone();
        for (Write w : since) {
            for (int at = 0; at < w.bytes.length; at += 512) {
                if (random.nextBoolean()) {
                    m.bytes = put(m.bytes, w.position + at, Arrays.copyOfRange(w.bytes, at, Math.min(at + 512, w.bytes.length)));
                }
            }
        }
        return m;
    }

    MemoryStore copy() {
        MemoryStore m = new MemoryStore();
        m.bytes = bytes.clone();
        return m;
    }

    byte[] bytes() { return bytes; }
}
