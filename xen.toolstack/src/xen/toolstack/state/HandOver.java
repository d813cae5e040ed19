package xen.toolstack.state;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import xen.kernel.api.control.Hypervisor;

/**
 * What one part of the tool stack leaves to its successor. The bytes begin with a version; those of another version stay in the core's
 * keeping, for the tool stack that can read them. One thread.
 */
public final class HandOver {
    private static final Logger LOG = LoggerFactory.getLogger(HandOver.class);

    /** Writes the state. */
    @FunctionalInterface
    public interface Writer {
        void write(DataOutputStream out) throws IOException;
    }

    /** Reads the state and goes on with it. */
    @FunctionalInterface
    public interface Reader {
        void read(DataInputStream in) throws IOException;
    }

    private final Hypervisor hypervisor;
    private final String part;
    private final int version;
    private boolean foreign;

    /** @param part whose state it is, for the core and for messages */
    public HandOver(Hypervisor hypervisor, String part, int version) {
        this.hypervisor = hypervisor;
        this.part = part;
        this.version = version;
    }

    /** Nothing happens when the machine is off: then there is no domain that the state could be of. */
    public void leave(Writer writer) {
        if (foreign || hypervisor.config().isEmpty()) {
            return;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(version);
            writer.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        hypervisor.keep(part, bytes.toByteArray());
    }

    /** Calls {@code reader} if a predecessor left something that can be read. */
    public void claim(Reader reader) {
        byte[] state = hypervisor.claim(part).orElse(null);
        if (state == null) {
            return;
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state))) {
            int found = in.readInt();
            if (found != version) {
                foreign = true;
                hypervisor.keep(part, state);
                LOG.error("{} of the tool stack before this one has version {}, this one reads {}: its domains go on without a tool stack; install that one again, or"
                        + " power the machine off", part, found, version);
                return;
            }
            reader.read(in);
        } catch (IOException | RuntimeException e) {
            LOG.error("{} of the tool stack before this one makes no sense; its domains go on without a tool stack", part, e);
        }
    }
}
