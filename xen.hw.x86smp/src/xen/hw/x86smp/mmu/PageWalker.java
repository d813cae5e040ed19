package xen.hw.x86smp.mmu;

import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;

/**
 * Walks 4-level page tables in machine memory as a CPL-3 access does (SDM vol. 3, 4.5): USER and PRESENT at every level, WRITE at every
 * level for stores, NX with EFER.NXE = 1, 2 MiB and 1 GiB leaves, accessed and dirty bits set on success only.
 *
 * <p>Result of {@link #walk}: the machine address of the byte as a long with {@link #MAY_WRITE} and {@link #MAY_EXECUTE} in the low two
 * bits of the top byte, or a negative number whose low bits are the #PF error code (or {@link #NON_CANONICAL}). No allocation; one instance a CPU is not needed: stateless.
 */
public final class PageWalker {
    public static final long MAY_WRITE = 1L << 56, MAY_EXECUTE = 1L << 57;
    public static final long ADDRESS_MASK = (1L << 52) - 1;
    public static final long NON_CANONICAL = Long.MIN_VALUE | 1L << 32;

    private static final long P = 1, RW = 2, US = 4, A = 1 << 5, D = 1 << 6, PS = 1 << 7, NX = 1L << 63;
    private static final long FRAME = 0x000f_ffff_ffff_f000L;
    private static final int PF_P = 1, PF_W = 2, PF_U = 4, PF_RSVD = 8, PF_I = 16;

    private final MachineMemory memory;

    public PageWalker(MachineMemory memory) { this.memory = memory; }

    /**
     * @param root mfn of the L4 table
     * @param access one of {@link Cpu#READ}, {@link Cpu#WRITE}, {@link Cpu#EXECUTE}
     */
    public long walk(long root, long va, int access) {
        if (va >> 47 != 0 && va >> 47 != -1) {
            return NON_CANONICAL;
        }
        int code = PF_U | (access == Cpu.WRITE ? PF_W : 0) | (access == Cpu.EXECUTE ? PF_I : 0);
        long rights = RW | US;
        long nx = 0;
        long table = root;
        for (int shift = 39; ; shift -= 9) {
            if (!memory.valid(table)) {
                return fault(code | PF_P | PF_RSVD);
            }
            long slot = memory.address(table) + ((va >>> shift & 511) << 3);
            long e = Raw.get64Acquire(slot);
            if ((e & P) == 0) {
                return fault(code);
            }
            rights &= e;
            nx |= e & NX;
            boolean leaf = shift == 12 || (e & PS) != 0 && shift <= 30;
            if (!leaf) {
                if ((e & PS) != 0) {
                    return fault(code | PF_P | PF_RSVD);
                }
                if ((e & A) == 0 && !Raw.cas64(slot, e, e | A)) {
                    return walk(root, va, access);
                }
                table = (e & FRAME) >>> 12;
                continue;
            }
            if ((rights & US) == 0 || access == Cpu.WRITE && (rights & RW) == 0 || access == Cpu.EXECUTE && nx != 0) {
                return fault(code | PF_P);
            }
            long inside = va & (1L << shift) - 1;
            long address = (e & FRAME & -(1L << shift)) | inside;
            if (!memory.valid(address >>> 12)) {
                return fault(code | PF_P | PF_RSVD);
            }
            long used = A | (access == Cpu.WRITE ? D : 0);
            // never a plain store: the entry may have become another one meanwhile
            if ((e & used) != used && !Raw.cas64(slot, e, e | used)) {
                return walk(root, va, access);
            }
            boolean writable = (rights & RW) != 0 && ((e | used) & D) != 0;
            return address | (writable ? MAY_WRITE : 0) | (nx == 0 ? MAY_EXECUTE : 0);
        }
    }

    private static long fault(int code) { return Long.MIN_VALUE | code; }
}
