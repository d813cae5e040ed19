package xen.toolstack.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class KallsymsTest {
    private static final long BASE = 0xffffffff81000000L;
    private static final int COUNT = 700;

    @Test void symbolsAreFoundWithAddressesInFrontOfTheNames() { check(image(true, false)); }

    @Test void symbolsAreFoundWithAddressesInFrontAndSortOrderBehindTheMarkers() { check(image(true, true)); }

    @Test void symbolsAreFoundWithAddressesBehindTheTokenIndex() { check(image(false, false)); }

    @Test void anImageWithoutTablesGivesNothing() {
        TreeMap<Long, String> found = new TreeMap<>();
        Kallsyms.read(ByteBuffer.allocate(4096), found::put);
        Kallsyms.read(StandardCharsets.ISO_8859_1.encode("0\0001\0002\0003\0004\0005\0006\0007\0008\0009\000").order(ByteOrder.LITTLE_ENDIAN), found::put);
        assertTrue(found.isEmpty());
    }

    private static void check(byte[] image) {
        TreeMap<Long, String> found = new TreeMap<>(Long::compareUnsigned);
        Kallsyms.read(ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN), found::put);
        assertEquals(COUNT, found.size());
        assertEquals("sym_0", found.get(BASE));
        assertEquals("sym_699" + "x".repeat(150), found.get(BASE + 699 * 16));
    }

    /** The tables as the kernel's build lays them out; token 1 is the text "sym_". */
    private static byte[] image(boolean addressesFirst, boolean sortOrder) {
        Out o = new Out();
        o.bytes(new byte[256]);
        if (addressesFirst) {
            addresses(o);
            o.u64(BASE);
        }
        o.u64(COUNT);
        int names = o.size();
        int[] marker = new int[(COUNT + 255) / 256];
        for (int i = 0; i < COUNT; i++) {
            if (i % 256 == 0) {
                marker[i / 256] = o.size() - names;
            }
            byte[] name = ("T\1" + i + (i == 699 ? "x".repeat(150) : "")).getBytes(StandardCharsets.ISO_8859_1);
            if (name.length < 128) {
                o.write(name.length);
            } else {
                o.write(name.length & 0x7f | 0x80);
                o.write(name.length >> 7);
            }
            o.bytes(name);
        }
        o.align();
        for (int m : marker) {
            o.u32(m);
        }
        o.align();
        if (sortOrder) {
            for (int i = 0; i < COUNT; i++) {
                o.bytes(new byte[] {0, (byte) (i >> 8), (byte) i});
            }
            o.align();
        }
        int[] index = new int[256];
        int table = o.size();
        for (int t = 0; t < 256; t++) {
            index[t] = o.size() - table;
            o.bytes(t == 1 ? "sym_".getBytes(StandardCharsets.ISO_8859_1) : t < ' ' ? new byte[0] : new byte[] {(byte) t});
            o.write(0);
        }
        o.align();
        for (int i : index) {
            o.write(i);
            o.write(i >> 8);
        }
        if (!addressesFirst) {
            addresses(o);
            o.u64(BASE);
        }
        o.bytes(new byte[64]);
        return o.toByteArray();
    }

    private static void addresses(Out o) {
        for (int i = 0; i < COUNT; i++) {
            o.u32(-1 - i * 16);
        }
        o.align();
    }

    private static final class Out extends ByteArrayOutputStream {
        void bytes(byte[] b) { writeBytes(b); }

        void u32(int v) { writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(v).array()); }

        void u64(long v) { writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(v).array()); }

        void align() {
            while (size() % 8 != 0) {
                write(0);
            }
        }
    }
}
