package xen.toolstack.save;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    private static final int MOST = 100_000;

    /** @param words the disk in the words of xl.cfg */
    public record SavedDisk(String words, DiskStamp stamp) {}

    byte[] bytes() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (DataOutputStream o = new DataOutputStream(all)) {
            o.writeInt(consolePort);
            o.writeInt(storePort);
            o.writeLong(startInfo);
            o.writeLong(age);
            raw(o, log);
            raws(o, typed);
            o.writeInt(connection.told());
            raw(o, connection.in());
            raws(o, connection.out());
            o.writeBoolean(connection.broken());
            o.writeInt(connection.watches().size());
            for (SavedConnection.SavedWatch w : connection.watches()) {
                o.writeUTF(w.path());
                o.writeUTF(w.token());
                o.writeUTF(w.hidden());
            }
            o.writeInt(connection.transactions().size());
            for (int t : connection.transactions()) {
                o.writeInt(t);
            }
            o.writeInt(nodes.size());
            for (SavedNode n : nodes) {
                o.writeUTF(n.path());
                raw(o, n.value());
                o.writeUTF(String.join(" ", n.permissions()));
            }
            o.writeInt(disks.size());
            for (SavedDisk d : disks) {
                o.writeUTF(d.words);
                o.writeLong(d.stamp.size());
                o.writeLong(d.stamp.modified());
                o.writeLong(d.stamp.contents());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all.toByteArray();
    }

    private static void raw(DataOutputStream o, byte[] b) throws IOException {
        o.writeInt(b.length);
        o.write(b);
    }

    private static void raws(DataOutputStream o, List<byte[]> all) throws IOException {
        o.writeInt(all.size());
        for (byte[] b : all) {
            raw(o, b);
        }
    }

    static ToolState of(Path file, byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int consolePort = in.readInt(), storePort = in.readInt();
            long startInfo = in.readLong(), age = in.readLong();
            byte[] log = raw(in);
            List<byte[]> typed = raws(in);
            int told = in.readInt();
            byte[] request = raw(in);
            List<byte[]> answers = raws(in);
            boolean broken = in.readBoolean();
            List<SavedConnection.SavedWatch> watches = new ArrayList<>();
            for (int n = count(in); n > 0; n--) {
                watches.add(new SavedConnection.SavedWatch(in.readUTF(), in.readUTF(), in.readUTF()));
            }
            List<Integer> transactions = new ArrayList<>();
            for (int n = count(in); n > 0; n--) {
                transactions.add(in.readInt());
            }
            List<SavedNode> nodes = new ArrayList<>();
            for (int n = count(in); n > 0; n--) {
                nodes.add(new SavedNode(in.readUTF(), raw(in), List.of(in.readUTF().split(" "))));
            }
            List<SavedDisk> disks = new ArrayList<>();
            for (int n = count(in); n > 0; n--) {
                disks.add(new SavedDisk(in.readUTF(), new DiskStamp(in.readLong(), in.readLong(), in.readLong())));
            }
            return new ToolState(consolePort, storePort, startInfo, age, log, typed, new SavedConnection(told, request, answers, broken, watches, transactions), nodes, disks);
        } catch (IOException e) {
            throw SnapshotFormat.bad(file, "its back ends' state makes no sense (" + e.getMessage() + ")");
        }
    }

    private static int count(DataInputStream in) throws IOException {
        int n = in.readInt();
        if (n < 0 || n > MOST) {
            throw new IOException(n + " entries");
        }
        return n;
    }

    private static byte[] raw(DataInputStream in) throws IOException {
        int n = in.readInt();
        if (n < 0 || n > in.available()) {
            throw new IOException(n + " bytes of " + in.available());
        }
        return in.readNBytes(n);
    }

    private static List<byte[]> raws(DataInputStream in) throws IOException {
        List<byte[]> all = new ArrayList<>();
        for (int n = count(in); n > 0; n--) {
            all.add(raw(in));
        }
        return all;
    }
}
