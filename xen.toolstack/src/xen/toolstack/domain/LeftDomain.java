package xen.toolstack.domain;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import xen.kernel.api.domain.ShutdownReason;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.ManagedDomain;
import xen.toolstack.save.SpecWords;
import xen.toolstack.save.ToolState;
import xen.toolstack.state.Fields;

/**
 * A domain that a tool stack leaves to the next.
 *
 * @param startedNanos machine time at which it began; the machine goes on, so it is the same for the next
 * @param end how it ended, when it did and is kept for inspection; else null
 */
record LeftDomain(int domid, long startedNanos, DomainSpec spec, ToolState state, ManagedDomain.End end) {
    void write(DataOutputStream out) throws IOException {
        out.writeInt(domid);
        out.writeLong(startedNanos);
        Fields.bytes(out, SpecWords.bytes(spec));
        Fields.list(out, spec.disks(), DataOutputStream::writeUTF);
        Fields.bytes(out, state.bytes());
        out.writeBoolean(end != null);
        if (end != null) {
            out.writeUTF(end.reason().name());
            Fields.bytes(out, end.report().getBytes(StandardCharsets.UTF_8));
            out.writeLong(end.nanos());
        }
    }

    static LeftDomain read(DataInputStream in) throws IOException {
        int domid = in.readInt();
        long started = in.readLong();
        byte[] words = Fields.bytes(in);
        DomainSpec spec = SpecWords.spec(words, Fields.list(in, d -> d.readUTF()));
        return new LeftDomain(domid, started, spec, ToolState.of(Fields.bytes(in)), in.readBoolean() ? new ManagedDomain.End(ShutdownReason.valueOf(in.readUTF()),
                new String(Fields.bytes(in), StandardCharsets.UTF_8), in.readLong()) : null);
    }
}
