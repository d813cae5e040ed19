package xen.toolstack.save;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import xen.toolstack.state.Fields;
import xen.toolstack.store.SavedConnection;
import xen.toolstack.store.SavedNode;

/**
 * What the back ends know of a domain.
 *
 * @param startInfo pfn of the page that the builder wrote for the guest
 * @param age machine nanoseconds since the domain's begin
 * @param log what its console printed last; {@code typed} input that waits
 * @param nodes its nodes of the store
 * @param disks its disks, and what their images looked like
 */
public record ToolState(int consolePort, int storePort, long startInfo, long age, byte[] log, List<byte[]> typed, SavedConnection connection, List<SavedNode> nodes,
        List<SavedDisk> disks) {
    /** @param words the disk in the words of xl.cfg */
    public record SavedDisk(String words, DiskStamp stamp) {}

    public byte[] bytes() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (DataOutputStream o = new DataOutputStream(all)) {
            o.writeInt(consolePort);
            o.writeInt(storePort);
            o.writeLong(startInfo);
            o.writeLong(age);
            Fields.bytes(o, log);
            Fields.list(o, typed, Fields::bytes);
            connection.write(o);
            Fields.list(o, nodes, (d, n) -> n.write(d));
            Fields.list(o, disks, (d, k) -> {
                d.writeUTF(k.words);
                d.writeLong(k.stamp.size());
                d.writeLong(k.stamp.modified());
                d.writeLong(k.stamp.contents());
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all.toByteArray();
    }

    /** @throws IOException that says what makes no sense */
    public static ToolState of(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        return new ToolState(in.readInt(), in.readInt(), in.readLong(), in.readLong(), Fields.bytes(in), Fields.list(in, Fields::bytes), SavedConnection.read(in),
                Fields.list(in, SavedNode::read),
                Fields.list(in, d -> new SavedDisk(d.readUTF(), new DiskStamp(d.readLong(), d.readLong(), d.readLong()))));
    }

    static ToolState of(Path file, byte[] bytes) {
        try {
            return of(bytes);
        } catch (IOException e) {
            throw SnapshotFormat.bad(file, "its back ends' state makes no sense (" + e.getMessage() + ")");
        }
    }
}
