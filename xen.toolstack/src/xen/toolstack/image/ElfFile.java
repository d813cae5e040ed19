package xen.toolstack.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import xen.toolstack.api.ToolstackException;

/** Headers of a little-endian x86-64 ELF file: program headers and sections, as far as a domain builder needs them. */
final class ElfFile {
    static final int PT_LOAD = 1, PT_NOTE = 4, SHT_SYMTAB = 2, SHT_NOTE = 7;

    record ProgramHeader(int type, long offset, long vaddr, long paddr, long fileSize, long memSize) {}

    record Section(String name, int type, long offset, long size, int link) {}

    final Bytes bytes;
    final long entry;
    final List<ProgramHeader> programHeaders = new ArrayList<>();
    final List<Section> sections = new ArrayList<>();

    ElfFile(Bytes bytes) {
        this.bytes = bytes;
        if (!isElf(bytes)) {
            throw new ToolstackException(bytes.file() + ": not an ELF file and not a Linux bzImage: give a 64-bit Xen PV kernel");
        }
        if (bytes.u8(4) != 2 || bytes.u16(18) != 62) {
            throw new ToolstackException(bytes.file() + ": " + (bytes.u8(4) == 1 ? "a 32-bit" : "not an x86-64")
                    + " kernel (ELF class " + bytes.u8(4) + ", machine " + bytes.u16(18) + "): only x86-64 guests can run");
        }
        entry = bytes.u64(24);
        readProgramHeaders();
        readSections();
    }

    static boolean isElf(Bytes bytes) { return bytes.startsWith(0, 0x7f, 'E', 'L', 'F'); }

    private void readProgramHeaders() {
        long at = bytes.u64(32);
        int size = bytes.u16(54);
        int count = bytes.u16(56);
        for (int i = 0; i < count; i++) {
            long h = at + (long) i * size;
            var header = new ProgramHeader((int) bytes.u32(h), bytes.u64(h + 8), bytes.u64(h + 16), bytes.u64(h + 24), bytes.u64(h + 32),
                    bytes.u64(h + 40));
            if (header.type == PT_LOAD) {
                bytes.check(header.offset, header.fileSize);
                if (header.memSize < header.fileSize) {
                    throw new ToolstackException(bytes.file() + ": damaged: segment " + i + " is larger in the file than in memory");
                }
            }
            programHeaders.add(header);
        }
    }

    private void readSections() {
        long at = bytes.u64(40);
        int size = bytes.u16(58);
        int count = bytes.u16(60);
        int names = bytes.u16(62);
        // Section headers are optional and sit at the end: a stripped or cut image still loads by its program headers
        if (at == 0 || count == 0 || names >= count || at + (long) size * count > bytes.length() || at < 0) {
            return;
        }
        long nameTable = bytes.u64(at + (long) names * size + 24);
        for (int i = 0; i < count; i++) {
            long h = at + (long) i * size;
            long nameAt = nameTable + bytes.u32(h);
            String name = nameAt >= 0 && nameAt < bytes.length() ? bytes.text(nameAt, bytes.length()) : "";
            sections.add(new Section(name, (int) bytes.u32(h + 4), bytes.u64(h + 24), bytes.u64(h + 32), (int) bytes.u32(h + 40)));
        }
    }

    Optional<Section> section(String name) {
        return sections.stream().filter(s -> s.name.equals(name)).findFirst();
    }
}
