package xen.kernel.save;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What the parts of the core write their state with, one after the other; {@link StateReader} reads in the same order. */
public final class StateWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 16);
    private final DataOutputStream out = new DataOutputStream(bytes);

    private interface Action {
        void run() throws IOException;
    }

    private StateWriter put(Action a) {
        try {
            a.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** The part that follows: a reader that is out of step says which. */
    public StateWriter part(String name) { return text(name); }

    public StateWriter i32(int v) { return put(() -> out.writeInt(v)); }

    public StateWriter i64(long v) { return put(() -> out.writeLong(v)); }

    public StateWriter flag(boolean v) { return put(() -> out.writeBoolean(v)); }

    public StateWriter text(String v) { return put(() -> out.writeUTF(v)); }

    public StateWriter raw(byte[] v) {
        i32(v.length);
        return put(() -> out.write(v));
    }

    public StateWriter i64s(long[] v) {
        i32(v.length);
        for (long x : v) {
            i64(x);
        }
        return this;
    }

    public byte[] done() { return bytes.toByteArray(); }
}
