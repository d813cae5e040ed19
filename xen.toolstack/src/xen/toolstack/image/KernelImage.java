package xen.toolstack.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import xen.toolstack.api.ToolstackException;

/**
 * A checked 64-bit Xen PV kernel: segments by physical address, and what its notes ask for. Immutable; made from an ELF file or from a
 * bzImage that holds one. Every input gives an image or a {@link ToolstackException} that says what is wrong with it.
 */
public final class KernelImage {
    /** A loadable part; {@code paddr} is relative to VIRT_BASE's physical address, so pfn = paddr >>> 12 of the guest. */
    public record Segment(long paddr, int offset, int fileSize, long memSize) {
        public long end() { return paddr + memSize; }
    }

    private final String name;
    private final List<Segment> segments;
    private final XenNotes notes;
    private final long entry;
    private final ElfFile file;

    private KernelImage(ElfFile file, XenNotes notes) {
        this.name = file.bytes.file();
        this.notes = notes;
        this.entry = notes.entry() == XenNotes.UNSET ? file.entry : notes.entry();
        this.segments = List.copyOf(loadable(file, notes));
        this.file = file;
    }

    public static KernelImage read(Path file) {
        if (Files.isDirectory(file)) {
            throw new ToolstackException(file + ": a folder, not a kernel");
        }
        try {
            return of(file.toString(), Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new ToolstackException(file + ": no such file (the kernel)");
        } catch (IOException e) {
            throw new ToolstackException(file + ": cannot read the kernel: " + e, e);
        }
    }

    public static KernelImage of(String name, byte[] content) {
        Bytes bytes = new Bytes(name, content);
        ElfFile elf = new ElfFile(BzImage.isBzImage(bytes) ? BzImage.vmlinux(bytes) : bytes);
        XenNotes notes = XenNotes.read(elf).orElseThrow(() -> new ToolstackException(name
                + ": no Xen notes: not a PV kernel (Linux needs CONFIG_XEN_PV)"));
        XenFeatures.check(name, notes);
        return new KernelImage(elf, notes);
    }

    private static List<Segment> loadable(ElfFile file, XenNotes notes) {
        List<Segment> result = new ArrayList<>();
        for (var p : file.programHeaders) {
            if (p.type() == ElfFile.PT_LOAD && p.memSize() > 0) {
                long paddr = p.paddr() - notes.paddrOffset();
                if (paddr < 0 || p.memSize() < 0 || paddr + p.memSize() > 1L << 40) {
                    throw new ToolstackException(file.bytes.file() + ": a segment lies at physical address 0x"
                            + Long.toHexString(p.paddr()) + ", outside any guest's memory");
                }
                result.add(new Segment(paddr, (int) p.offset(), (int) p.fileSize(), p.memSize()));
            }
        }
        if (result.isEmpty()) {
            throw new ToolstackException(file.bytes.file() + ": no loadable segment: not a kernel image");
        }
        return result;
    }

    public String name() { return name; }

    /** The unpacked ELF file; segments point into it. Not to be changed. */
    public ByteBuffer elf() { return file.bytes.buffer(); }

    /** Copies bytes of a segment, from its byte {@code from} on, to host address {@code to}. */
    public void copy(Segment s, int from, long to, int length) { file.bytes.copy((long) s.offset + from, to, length); }

    public List<Segment> segments() { return segments; }

    public XenNotes notes() { return notes; }

    public long entry() { return entry; }

    /** Symbols of the image, read now: from .symtab, or from Linux's own kallsyms in a stripped one; may be empty. */
    public SymbolTable symbols() {
        SymbolTable table = SymbolTable.of(file);
        return table.isEmpty() ? SymbolTable.ofKallsyms(file.bytes) : table;
    }

    public long start() { return segments.stream().mapToLong(Segment::paddr).min().orElseThrow(); }

    public long end() { return segments.stream().mapToLong(Segment::end).max().orElseThrow(); }
}
