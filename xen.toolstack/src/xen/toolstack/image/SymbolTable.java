package xen.toolstack.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import xen.toolstack.api.ToolstackException;

/** Names of a guest kernel's functions and data, for crash reports. From .symtab, or from a System.map file for a stripped kernel. */
public final class SymbolTable {
    private final TreeMap<Long, String> names = new TreeMap<>(Long::compareUnsigned);

    private SymbolTable() {}

    public static SymbolTable empty() { return new SymbolTable(); }

    static SymbolTable of(ElfFile elf) {
        SymbolTable table = new SymbolTable();
        for (var s : elf.sections) {
            if (s.type() == ElfFile.SHT_SYMTAB && s.link() >= 0 && s.link() < elf.sections.size()) {
                table.addAll(elf.bytes, s, elf.sections.get(s.link()));
            }
        }
        return table;
    }

    /** Of a stripped Linux kernel. */
    static SymbolTable ofKallsyms(Bytes image) {
        SymbolTable table = new SymbolTable();
        Kallsyms.read(image.buffer(), table.names::put);
        return table;
    }

    private void addAll(Bytes b, ElfFile.Section symbols, ElfFile.Section strings) {
        // a cut or odd table costs the names only, the image still boots
        if (symbols.offset() < 0 || symbols.offset() + symbols.size() > b.length() || strings.offset() + strings.size() > b.length()) {
            return;
        }
        for (long at = symbols.offset(); at + 24 <= symbols.offset() + symbols.size(); at += 24) {
            long value = b.u64(at + 8);
            int type = b.u8(at + 4) & 15;
            if (value != 0 && type <= 2) {
                String name = b.text(strings.offset() + b.u32(at), strings.offset() + strings.size());
                if (!name.isEmpty()) {
                    names.put(value, name);
                }
            }
        }
    }

    /** Lines of {@code address type name}; others are skipped. A stripped-down placeholder file gives an empty table. */
    public static SymbolTable readSystemMap(Path file) {
        SymbolTable table = new SymbolTable();
        try {
            for (String line : Files.readAllLines(file)) {
                String[] part = line.split("\\s+");
                if (part.length >= 3 && part[0].matches("[0-9a-fA-F]{1,16}")) {
                    table.names.put(Long.parseUnsignedLong(part[0], 16), part[2]);
                }
            }
            return table;
        } catch (IOException e) {
            throw new ToolstackException(file + ": cannot read the symbols: " + e, e);
        }
    }

    /** An ELF file (vmlinux with symbols) or a System.map. */
    public static SymbolTable read(Path file) {
        try {
            Bytes bytes = new Bytes(file.toString(), Files.readAllBytes(file));
            return ElfFile.isElf(bytes) ? of(new ElfFile(bytes)) : readSystemMap(file);
        } catch (IOException e) {
            throw new ToolstackException(file + ": cannot read the symbols: " + e, e);
        }
    }

    public boolean isEmpty() { return names.isEmpty(); }

    /** {@code name+0xoffset} of the symbol at or below the address, when one is within 1 MiB. */
    public Optional<String> name(long address) {
        Map.Entry<Long, String> e = names.floorEntry(address);
        if (e == null || Long.compareUnsigned(address - e.getKey(), 1 << 20) >= 0) {
            return Optional.empty();
        }
        long offset = address - e.getKey();
        return Optional.of(offset == 0 ? e.getValue() : e.getValue() + "+0x" + Long.toHexString(offset));
    }
}
