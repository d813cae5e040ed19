package xen.kernel.trap;

import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** Segment descriptors: checks that ring 3 loads would make, and the context's descriptor caches. */
final class Segments {
    /** CS.L: a 64-bit code segment. */
    static final long L = 1L << 53, PRESENT = 1L << 47;
    private static final long S = 1L << 44, CODE = 1L << 43, WRITABLE = 1L << 41, CONFORMING = 1L << 42, G = 1L << 55;

    private Segments() {}

    private static int dpl(long d) { return (int) (d >>> 45) & 3; }

    /** A present code segment that ring 3 may run in. */
    static boolean isCode(long d) { return (d & (S | CODE | PRESENT)) == (S | CODE | PRESENT) && (dpl(d) == 3 || (d & CONFORMING) != 0); }

    /** A present writable data segment of ring 3. */
    static boolean isStack(long d) { return (d & (S | CODE | PRESENT | WRITABLE)) == (S | PRESENT | WRITABLE) && dpl(d) == 3; }

    /** A segment that ring 3 may load into DS, ES, FS or GS. */
    static boolean isLoadable(long d) {
        boolean readable = (d & CODE) == 0 || (d & WRITABLE) != 0;
        return (d & (S | PRESENT)) == (S | PRESENT) && readable && (dpl(d) == 3 || (d & (CODE | CONFORMING)) == (CODE | CONFORMING));
    }

    public static long base(long d) { return d >>> 16 & 0xff_ffff | d >>> 32 & 0xff00_0000L; }

    /** Last byte of the segment. */
    public static long limit(long d) {
        long raw = d & 0xffff | d >>> 32 & 0xf_0000;
        return (d & G) != 0 ? raw << 12 | 0xfff : raw;
    }

    /** Fills the descriptor cache of segment {@code seg}; attributes are descriptor bits 40-55 without the limit's four. */
    static void cache(VcpuContext c, int seg, long d) {
        long at = c.base + VcpuContext.SEGMENTS + 16L * seg;
        Raw.put32(at, (int) base(d));
        Raw.put32(at + 4, (int) limit(d));
        Raw.put32(at + 8, (int) (d >>> 40) & 0xf0ff);
    }
}
