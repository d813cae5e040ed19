package xen.kernel.save;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.hypercall.Errno;

/**
 * Reads what {@link StateWriter} wrote, as input of a stranger: every value has a range, every frame is one of the image's, and whatever
 * does not fit refuses the whole image with a message that names the part and the value.
 */
public final class StateReader {
    private final ByteBuffer in;
    private final long[] saved, present;
    private String part = "head";

    /** @param saved frames of the image, ascending; {@code present} what stands for each now */
    StateReader(byte[] state, long[] saved, long[] present) {
        in = ByteBuffer.wrap(state);
        this.saved = saved;
        this.present = present;
    }

    /** The image cannot be what the core wrote. */
    public HypervisorException refused(String what) {
        return new HypervisorException(Errno.EINVAL, "the snapshot's part '" + part + "' is refused: " + what
                + "; it is damaged or was made up: save the domain again");
    }

    private interface Take<T> {
        T from(ByteBuffer b);
    }

    private <T> T take(Take<T> t) {
        try {
            return t.from(in);
        } catch (BufferUnderflowException e) {
            throw refused("it ends early");
        }
    }

    public void part(String name) {
        String found = text();
        part = name;
        if (!found.equals(name)) {
            throw refused("'" + (found.length() > 20 ? found.substring(0, 20) : found) + "' is there instead");
        }
    }

    public int i32(String name, int least, int most) { return (int) i64(name, take(ByteBuffer::getInt), least, most); }

    public long i64() { return take(ByteBuffer::getLong); }

    public long i64(String name, long least, long most) { return i64(name, i64(), least, most); }

    private long i64(String name, long v, long least, long most) {
        if (v < least || v > most) {
            throw refused(name + " is " + v + ", possible is " + least + " to " + most);
        }
        return v;
    }

    /** An address that a guest can use or jump to: canonical. */
    public long canonical(String name) {
        long v = i64();
        if (v << 16 >> 16 != v) {
            throw refused(name + " is " + Long.toHexString(v) + ", no canonical address");
        }
        return v;
    }

    public boolean flag() { return i32Byte() != 0; }

    private int i32Byte() { return take(ByteBuffer::get); }

    public String text() {
        int n = take(ByteBuffer::getShort) & 0xffff;
        byte[] b = bytes(n);
        return new String(b, java.nio.charset.StandardCharsets.UTF_8);
    }

    private byte[] bytes(int n) {
        if (n < 0 || n > in.remaining()) {
            throw refused("it ends early");
        }
        byte[] b = new byte[n];
        in.get(b);
        return b;
    }

    public byte[] raw(String name, int most) { return bytes(i32(name, 0, most)); }

    public long[] i64s(String name, int most) {
        long[] v = new long[i32(name, 0, most)];
        for (int i = 0; i < v.length; i++) {
            v[i] = i64();
        }
        return v;
    }

    /** A frame of the image, by its present number; 0 stays 0 where {@code optional}. */
    public long frame(String name, boolean optional) {
        long v = i64();
        if (v == 0 && optional) {
            return 0;
        }
        int i = Arrays.binarySearch(saved, v);
        if (i < 0) {
            throw refused(name + " is frame " + Long.toHexString(v) + ", none of the domain's");
        }
        return present[i];
    }

    public void end() {
        part = "end";
        if (in.hasRemaining()) {
            throw refused(in.remaining() + " bytes are left over");
        }
    }
}
