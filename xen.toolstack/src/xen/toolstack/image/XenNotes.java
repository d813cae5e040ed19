package xen.toolstack.image;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a kernel says about itself to Xen, from ELF notes with owner "Xen" (public/elfnote.h) or from the older {@code __xen_guest}
 * string. Numbers that are absent are {@link #UNSET}.
 */
public final class XenNotes {
    public static final long UNSET = -1;
    private static final int ENTRY = 1, HYPERCALL_PAGE = 2, VIRT_BASE = 3, PADDR_OFFSET = 4, XEN_VERSION = 5, GUEST_OS = 6, LOADER = 8,
            FEATURES = 10, INIT_P2M = 15, MOD_START_PFN = 16;

    private final Map<Integer, Long> numbers = new HashMap<>();
    private final Map<Integer, String> texts = new HashMap<>();
    private final boolean fromNotes;

    private XenNotes(boolean fromNotes) { this.fromNotes = fromNotes; }

    /** Reads the notes from PT_NOTE segments, else from note sections, else {@code __xen_guest}; empty if there is none of them. */
    static Optional<XenNotes> read(ElfFile elf) {
        XenNotes notes = new XenNotes(true);
        for (var p : elf.programHeaders) {
            if (p.type() == ElfFile.PT_NOTE) {
                notes.parse(elf.bytes, p.offset(), p.fileSize());
            }
        }
        if (notes.isEmpty()) {
            elf.sections.stream().filter(s -> s.type() == ElfFile.SHT_NOTE).forEach(s -> notes.parse(elf.bytes, s.offset(), s.size()));
        }
        if (!notes.isEmpty()) {
            return Optional.of(notes);
        }
        return elf.section("__xen_guest").map(s -> guestString(elf.bytes.text(s.offset(), s.offset() + s.size())));
    }

    private boolean isEmpty() { return numbers.isEmpty() && texts.isEmpty(); }

    private void parse(Bytes b, long start, long size) {
        b.check(start, size);
        long at = start;
        long end = start + size;
        while (at + 12 <= end) {
            long nameSize = b.u32(at);
            long descSize = b.u32(at + 4);
            int type = (int) b.u32(at + 8);
            long desc = at + 12 + (nameSize + 3 & -4L);
            b.check(desc, descSize);
            if (nameSize == 4 && b.text(at + 12, at + 16).equals("Xen")) {
                texts.put(type, b.text(desc, desc + descSize));
                if (descSize == 8 || descSize == 4) {
                    numbers.put(type, descSize == 8 ? b.u64(desc) : b.u32(desc));
                }
            }
            at = desc + (descSize + 3 & -4L);
        }
    }

    /** {@code NAME=value,NAME=value,...} */
    private static XenNotes guestString(String text) {
        XenNotes notes = new XenNotes(false);
        for (String pair : text.split(",")) {
            String[] kv = pair.split("=", 2);
            String value = kv.length == 2 ? kv[1] : "";
            switch (kv[0]) {
                case "LOADER" -> notes.texts.put(LOADER, value);
                case "GUEST_OS" -> notes.texts.put(GUEST_OS, value);
                case "XEN_VER" -> notes.texts.put(XEN_VERSION, value);
                case "FEATURES" -> notes.texts.put(FEATURES, value);
                case "VIRT_BASE" -> notes.number(VIRT_BASE, value);
                case "VIRT_ENTRY" -> notes.number(ENTRY, value);
                case "ELF_PADDR_OFFSET" -> notes.number(PADDR_OFFSET, value);
                // in this form the page is given by its number
                case "HYPERCALL_PAGE" -> {
                    notes.number(HYPERCALL_PAGE, value);
                    notes.numbers.computeIfPresent(HYPERCALL_PAGE, (k, v) -> (v << 12) + notes.virtBase(0));
                }
                default -> { /* PAE, BSD_SYMTAB: nothing to do for a 64-bit guest */ }
            }
        }
        return notes;
    }

    private void number(int key, String value) {
        try {
            numbers.put(key, Long.parseUnsignedLong(value.startsWith("0x") ? value.substring(2) : value, value.startsWith("0x") ? 16 : 10));
        } catch (NumberFormatException e) {
            // an unreadable value counts as absent, as for every other unknown word of the string
        }
    }

    private long virtBase(long otherwise) { return numbers.getOrDefault(VIRT_BASE, otherwise); }

    public long virtBase() { return virtBase(0); }

    /** Physical address that corresponds to VIRT_BASE: notes say 0 by default, the old string says VIRT_BASE. */
    public long paddrOffset() { return numbers.getOrDefault(PADDR_OFFSET, fromNotes ? 0 : virtBase()); }

    public long entry() { return numbers.getOrDefault(ENTRY, UNSET); }

    public long hypercallPage() { return numbers.getOrDefault(HYPERCALL_PAGE, UNSET); }

    /** Where the guest wants its P2M list mapped, outside the kernel's mapping; UNSET = inside it. */
    public long initP2m() { return numbers.getOrDefault(INIT_P2M, UNSET); }

    /** The guest finds its ramdisk by pfn, unmapped. */
    public boolean modStartPfn() { return numbers.getOrDefault(MOD_START_PFN, 0L) != 0; }

    public String guestOs() { return texts.getOrDefault(GUEST_OS, "unknown"); }

    public String xenVersion() { return texts.getOrDefault(XEN_VERSION, ""); }

    public String features() { return texts.getOrDefault(FEATURES, ""); }
}
