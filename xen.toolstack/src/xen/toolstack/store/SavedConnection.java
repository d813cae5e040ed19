package xen.toolstack.store;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import xen.toolstack.state.Fields;

/**
 * A domain's connection to the store, between two bytes.
 *
 * @param told the number that the guest knows itself by
 * @param in what has come of a request
 * @param out answers and events that the ring had no room for yet
 * @param broken the guest wrote nonsense before
 * @param transactions numbers of those that are open: they fail with EAGAIN when they end, and the guest does them again
 */
public record SavedConnection(int told, byte[] in, List<byte[]> out, boolean broken, List<SavedWatch> watches, List<Integer> transactions) {
    public record SavedWatch(String path, String token, String hidden) {}

    public void write(DataOutputStream o) throws IOException {
        o.writeInt(told);
        Fields.bytes(o, in);
        Fields.list(o, out, Fields::bytes);
        o.writeBoolean(broken);
        Fields.list(o, watches, (d, w) -> {
            d.writeUTF(w.path);
            d.writeUTF(w.token);
            d.writeUTF(w.hidden);
        });
        Fields.list(o, transactions, DataOutputStream::writeInt);
    }

    public static SavedConnection read(DataInputStream in) throws IOException {
        return new SavedConnection(in.readInt(), Fields.bytes(in), Fields.list(in, Fields::bytes), in.readBoolean(),
                Fields.list(in, d -> new SavedWatch(d.readUTF(), d.readUTF(), d.readUTF())), Fields.list(in, DataInputStream::readInt));
    }
}
