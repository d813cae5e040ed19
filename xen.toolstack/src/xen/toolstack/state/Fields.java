package xen.toolstack.state;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Byte arrays and lists in a saved state, read with bounds: a file may be made up. */
public final class Fields {
    private static final int MOST = 100_000;

    /** Writes one entry of a list. */
    @FunctionalInterface
    public interface Writer<T> {
        void write(DataOutputStream out, T entry) throws IOException;
    }

    /** Reads one entry of a list. */
    @FunctionalInterface
    public interface Reader<T> {
        T read(DataInputStream in) throws IOException;
    }

    private Fields() {}

    public static void bytes(DataOutputStream out, byte[] b) throws IOException {
        out.writeInt(b.length);
        out.write(b);
    }

    public static byte[] bytes(DataInputStream in) throws IOException {
        int n = in.readInt();
        if (n < 0 || n > in.available()) {
            throw new IOException(n + " bytes of " + in.available());
        }
        return in.readNBytes(n);
    }

    public static <T> void list(DataOutputStream out, Collection<T> all, Writer<T> writer) throws IOException {
        out.writeInt(all.size());
        for (T t : all) {
            writer.write(out, t);
        }
    }

    public static <T> List<T> list(DataInputStream in, Reader<T> reader) throws IOException {
        int n = in.readInt();
        if (n < 0 || n > MOST) {
            throw new IOException(n + " entries");
        }
        List<T> all = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            all.add(reader.read(in));
        }
        return all;
    }
}
