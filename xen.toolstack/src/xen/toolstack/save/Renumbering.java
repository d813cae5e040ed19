package xen.toolstack.save;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import xen.kernel.api.control.DomainImage;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.toolstack.api.ToolstackException;

/**
 * Gives a settled guest's frames other numbers, in everything that holds such numbers by the ABI: page tables, the guest's list of its
 * frames (by p2m_vaddr or by the list of lists), grant entries, start_info. The frames have their contents already; what comes out is
 * validated by the core like anything else, so a mistake here, or a made-up file, can only be refused.
 */
final class Renumbering {
    private static final long PRESENT = 1, FRAME = 0x000f_ffff_ffff_f000L;
    private static final int MAX_PFN = 3088, LIST_LIST = 3096, P2M_CR3 = 3112, P2M_VADDR = 3120;
    private static final int INFO_SHARED = 40, INFO_STORE = 56, INFO_CONSOLE = 72;
    /** "xen-3." */
    private static final long MAGIC = 0x2e332d6e6578L;

    private final Path file;
    private final DomainImage image;
    private final long[] mfns;
    private final MachineMemory memory;
    private final Set<Long> own = new HashSet<>();

    Renumbering(Path file, DomainImage image, long[] mfns, MachineMemory memory) {
        this.file = file;
        this.image = image;
        this.mfns = mfns;
        this.memory = memory;
        for (long m : mfns) {
            own.add(m);
        }
    }

    /** The frame's present number, or -1. */
    long now(long mfn) {
        int i = Arrays.binarySearch(image.mfns(), mfn);
        return i < 0 ? -1 : mfns[i];
    }

    void apply(long startInfo) {
        for (int i = 0; i < mfns.length; i++) {
            int level = image.kinds()[i] & DomainImage.LEVEL;
            if (level > 0) {
                table(memory.address(mfns[i]), level);
            }
            if ((image.kinds()[i] & DomainImage.SPECIAL) != 0 && image.mfns()[i] != image.sharedInfo()) {
                grants(memory.address(mfns[i]));
            }
        }
        long shared = now(image.sharedInfo());
        if (shared < 0) {
            throw SnapshotFormat.bad(file, "its shared_info is none of its frames");
        }
        check(lists(memory.address(shared)));
        for (int i = 0; i < mfns.length; i++) {
            if (image.pfns()[i] == startInfo && (image.kinds()[i] & DomainImage.SPECIAL) == 0) {
                startInfo(memory.address(mfns[i]));
            }
        }
    }

    private void table(long at, int level) {
        for (int s = 0; s < 512; s++) {
            if (level == 4 && s >= 256 && s < 272) {
                continue;
            }
            long e = Raw.get64(at + s * 8L), to = (e & PRESENT) == 0 ? -1 : now((e & FRAME) >>> 12);
            if (to >= 0) {
                Raw.put64(at + s * 8L, e & ~FRAME | to << 12);
            }
        }
    }

    private void grants(long at) {
        for (int i = 0; i < 4096; i += 8) {
            long to = (Raw.get16(at + i) & 3) == 1 ? now(Raw.getU32(at + i + 4)) : -1;
            if (to >= 0) {
                Raw.put32(at + i + 4, (int) to);
            }
        }
    }

    /** @return host addresses of the pages of the guest's list, by number; 0 where there is none */
    private long[] lists(long shared) {
        long count = Math.min(Raw.get64(shared + MAX_PFN), 1L << 28);
        long[] pages = new long[(int) Math.max(0, count + 511 >>> 9)];
        long cr3 = Raw.get64(shared + P2M_CR3), va = Raw.get64(shared + P2M_VADDR);
        word(shared + LIST_LIST, 0);
        long top = Raw.get64(shared + LIST_LIST);
        Set<Long> done = new HashSet<>();
        if (cr3 != 0) {
            word(shared + P2M_CR3, 12);
            long root = Raw.get64(shared + P2M_CR3) >>> 12;
            for (int i = 0; i < pages.length; i++) {
                pages[i] = page(root, va + i * 4096L);
            }
        }
        if (own.contains(top) && done.add(memory.address(top))) {
            for (int t = 0; t < 512; t++) {
                long middle = word(memory.address(top) + t * 8L, 0);
                boolean fresh = own.contains(middle) && done.add(memory.address(middle));
                for (int m = 0; m < 512 && fresh; m++) {
                    long leaf = word(memory.address(middle) + m * 8L, 0);
                    int i = t * 512 + m;
                    if (cr3 == 0 && i < pages.length && own.contains(leaf)) {
                        pages[i] = memory.address(leaf);
                    }
                }
            }
        }
        for (long p : pages) {
            if (p != 0 && done.add(p)) {
                for (int i = 0; i < 512; i++) {
                    word(p + i * 8L, 0);
                }
            }
        }
        return pages;
    }

    /** Renumbers a word that is a frame's number, shifted; what is none stays. @return the word as it is then */
    private long word(long at, int shift) {
        long v = Raw.get64(at);
        // marks of foreign and identity frames are in the two upper bits
        long to = v >>> 62 != 0 ? -1 : now(v >>> shift);
        if (to >= 0) {
            v = to << shift | v & (1L << shift) - 1;
            Raw.put64(at, v);
        }
        return v;
    }

    /** Host address of the page at {@code va}, through the renumbered tables; 0 when it is not mapped. */
    private long page(long root, long va) {
        long mfn = root;
        for (int level = 4; level >= 1; level--) {
            if (!own.contains(mfn)) {
                return 0;
            }
            long e = Raw.get64(memory.address(mfn) + (va >>> 12 + 9 * (level - 1) & 511) * 8);
            if ((e & PRESENT) == 0) {
                return 0;
            }
            mfn = (e & FRAME) >>> 12;
        }
        return own.contains(mfn) ? memory.address(mfn) : 0;
    }

    /** The guest's list says of every frame what the machine's table says: then it was found, and all of it. */
    private void check(long[] pages) {
        for (int i = 0; i < mfns.length; i++) {
            long pfn = image.pfns()[i];
            if ((image.kinds()[i] & (DomainImage.SPECIAL | DomainImage.GIVEN_BACK)) != 0 || pfn < 0 || pfn >>> 9 >= pages.length) {
                continue;
            }
            long p = pages[(int) (pfn >>> 9)];
            if (p == 0 || Raw.get64(p + (pfn & 511) * 8) != mfns[i]) {
                throw new ToolstackException(file + ": this guest's frames cannot get other numbers: it keeps its list of frames where it cannot be found (page "
                        + pfn + "); restore it into a machine that has nothing else");
            }
        }
    }

    private void startInfo(long at) {
        if ((Raw.get64(at) & 0xffff_ffff_ffffL) != MAGIC) {
            return;
        }
        word(at + INFO_SHARED, 12);
        word(at + INFO_STORE, 0);
        word(at + INFO_CONSOLE, 0);
    }
}
