package xen.cpu.bytecode;

import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.Raw;

/**
 * The look into the TLB as a call, for {@link Kind#Warm} regions: what a check inline costs C1, in time and in code, is more than the call.
 * Both methods are too long for C1 to inline.
 */
final class Hit {
    private Hit() {}

    /** Host address of {@code last + 1} bytes to read, or 0. */
    static long read(Registers s, long va, int last) {
        long e = s.tlb + (va >>> Tlb.INDEX_SHIFT & Tlb.INDEX_MASK);
        return (va + last & -4096L | s.tag) == Raw.get64(e + Tlb.READ) ? va + Raw.get64(e + Tlb.ADDEND) : 0;
    }

    /** Host address of {@code last + 1} bytes to write, or 0. */
    static long write(Registers s, long va, int last) {
        long e = s.tlb + (va >>> Tlb.INDEX_SHIFT & Tlb.INDEX_MASK);
        return (va + last & -4096L | s.tag) == Raw.get64(e + Tlb.WRITE) ? va + Raw.get64(e + Tlb.ADDEND) : 0;
    }
}
