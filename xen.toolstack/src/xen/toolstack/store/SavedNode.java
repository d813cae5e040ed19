package xen.toolstack.store;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import xen.toolstack.state.Fields;

/** A node of the store by itself; permissions as letters and domids. */
public record SavedNode(String path, byte[] value, List<String> permissions) {
    public void write(DataOutputStream out) throws IOException {
        out.writeUTF(path);
        Fields.bytes(out, value);
        out.writeUTF(String.join(" ", permissions));
    }

    public static SavedNode read(DataInputStream in) throws IOException { return new SavedNode(in.readUTF(), Fields.bytes(in), List.of(in.readUTF().split(" "))); }
}
