package xen.toolstack.image;

import xen.toolstack.api.ToolstackException;

/** Linux's boot container (Linux, Documentation/arch/x86/boot.rst): finds the compressed vmlinux behind the setup header. */
final class BzImage {
    private static final int SETUP_SECTS = 0x1f1, BOOT_FLAG = 0x1fe, HEADER = 0x202, VERSION = 0x206, PAYLOAD_OFFSET = 0x248,
            PAYLOAD_LENGTH = 0x24c;

    private BzImage() {}

    static boolean isBzImage(Bytes b) {
        return b.length() > PAYLOAD_LENGTH + 4 && b.u16(BOOT_FLAG) == 0xaa55 && b.startsWith(HEADER, 'H', 'd', 'r', 'S');
    }

    /** The vmlinux inside, unpacked. */
    static Bytes vmlinux(Bytes b) {
        int version = b.u16(VERSION);
        if (version < 0x208) {
            throw new ToolstackException(b.file() + ": boot protocol " + (version >> 8) + "." + (version & 0xff)
                    + " is too old (2.8 names the payload): take a newer kernel or its vmlinux");
        }
        int sectors = b.u8(SETUP_SECTS) == 0 ? 4 : b.u8(SETUP_SECTS);
        long start = (sectors + 1) * 512L + b.u32(PAYLOAD_OFFSET);
        long length = b.u32(PAYLOAD_LENGTH);
        if (start + length > b.length()) {
            throw new ToolstackException(b.file() + ": truncated bzImage: its payload ends at byte " + (start + length) + ", the file has "
                    + b.length());
        }
        Bytes payload = b.part(start, length);
        return ElfFile.isElf(payload) ? payload : Payload.unpack(payload);
    }
}
