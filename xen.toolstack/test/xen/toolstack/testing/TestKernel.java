package xen.toolstack.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes small ELF kernels and bzImages, right and wrong ones. */
public final class TestKernel {
    public static final long LINUX_BASE = 0xffffffff80000000L;

    private record Load(long vaddr, long paddr, byte[] data, long memSize) {}

    private final List<Load> loads = new ArrayList<>();
    private final ByteArrayOutputStream notes = new ByteArrayOutputStream();
    private String guestString;
    private long entry;

    /** Like Debian's: INIT_P2M, MOD_START_PFN, a second segment at virtual address 0. */
    public static TestKernel linux() {
        byte[] text = new byte[5000];
        Arrays.fill(text, (byte) 0x90);
        byte[] percpu = "percpu".getBytes(StandardCharsets.US_ASCII);
        return new TestKernel().entry(LINUX_BASE + 0x100000).load(LINUX_BASE + 0x100000, 0x100000, text, 0x3000).load(0, 0x103000, percpu, 0x2000)
                .note(6, "linux").note(5, "xen-3.0").note(3, LINUX_BASE).note(1, LINUX_BASE + 0x100010).note(15, 1L << 39).note(16, 1L)
                .note(10, "!writable_page_tables|pae_pgdir_above_4gb").note(8, "generic");
    }

    /** Like GRUB's or Mini-OS's: virtual is physical, all in the kernel's mapping. */
    public static TestKernel flat() {
        return new TestKernel().load(0, 0, "flat".getBytes(StandardCharsets.US_ASCII), 0x4000).note(3, 0L).note(1, 0L).note(2, 0x3000L).note(5, "xen-3.0");
    }

    public TestKernel entry(long e) {
        entry = e;
        return this;
    }

    public TestKernel load(long vaddr, long paddr, byte[] data, long memSize) {
        loads.add(new Load(vaddr, paddr, data, memSize));
        return this;
    }

    public TestKernel note(int type, long value) {
        return note(type, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
    }

    public TestKernel note(int type, String text) { return note(type, (text + "\0").getBytes(StandardCharsets.US_ASCII)); }

    public TestKernel note(int type, byte[] desc) {
        ByteBuffer b = ByteBuffer.allocate(16 + (desc.length + 3 & ~3)).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(4).putInt(desc.length).putInt(type).put("Xen\0".getBytes(StandardCharsets.US_ASCII)).put(desc);
        notes.writeBytes(b.array());
        return this;
    }

    public TestKernel guestString(String s) {
        guestString = s;
        return this;
    }

    public byte[] elf() {
        int headers = 64 + 56 * (loads.size() + 1);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        ByteBuffer h = ByteBuffer.allocate(headers).order(ByteOrder.LITTLE_ENDIAN);
        h.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
        h.putShort((short) 2).putShort((short) 62).putInt(1).putLong(entry).putLong(64);
        for (Load l : loads) {
            program(h, h.position() < 64 ? 64 : h.position(), 1, headers + body.size(), l);
            body.writeBytes(l.data);
        }
        byte[] n = notes.toByteArray();
        program(h, h.position(), 4, headers + body.size(), new Load(0, 0, n, n.length));
        body.writeBytes(n);
        h.putShort(54, (short) 56).putShort(56, (short) (loads.size() + 1)).putShort(58, (short) 64);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        if (guestString != null) {
            // two sections behind the body: the string, then the section names (which name both)
            byte[] names = "\0__xen_guest\0".getBytes(StandardCharsets.US_ASCII);
            byte[] text = (guestString + "\0").getBytes(StandardCharsets.US_ASCII);
            int at = headers + body.size();
            body.writeBytes(text);
            body.writeBytes(names);
            h.putLong(40, headers + body.size()).putShort(60, (short) 2).putShort(62, (short) 1);
            body.writeBytes(section(1, 1, at, text.length));
            body.writeBytes(section(0, 3, at + text.length, names.length));
        }
        all.writeBytes(h.array());
        all.writeBytes(body.toByteArray());
        return all.toByteArray();
    }

    private static void program(ByteBuffer h, int at, int type, long offset, Load l) {
        h.position(at);
        h.putInt(type).putInt(7).putLong(offset).putLong(l.vaddr).putLong(l.paddr).putLong(l.data.length).putLong(l.memSize).putLong(4096);
    }

    private static byte[] section(int name, int type, long offset, long size) {
        ByteBuffer b = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(name).putInt(type).putLong(0).putLong(0).putLong(offset).putLong(size);
        return b.array();
    }

    /** A boot container around a packed payload. */
    public static byte[] bzImage(byte[] payload) {
        int start = 5 * 512 + 64;
        ByteBuffer b = ByteBuffer.allocate(start + payload.length + 512).order(ByteOrder.LITTLE_ENDIAN);
        b.put(0x1f1, (byte) 4).putShort(0x1fe, (short) 0xaa55).putShort(0x206, (short) 0x20f).putInt(0x248, 64).putInt(0x24c, payload.length);
        b.put(0x202, "HdrS".getBytes(StandardCharsets.US_ASCII));
        b.put(start, payload);
        return b.array();
    }

    /** Data with its unpacked size behind it, as the kernel's build appends it. */
    public static byte[] sized(byte[] packed, int size) {
        return ByteBuffer.allocate(packed.length + 4).order(ByteOrder.LITTLE_ENDIAN).put(packed).putInt(size).array();
    }
}
