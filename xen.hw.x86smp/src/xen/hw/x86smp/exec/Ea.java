package xen.hw.x86smp.exec;

import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * A memory operand, ready to compute: base, index and segment are byte offsets into the register file, where an absent part is the
 * always-zero slot and a RIP-relative base is the slot with the block's page. Most need nothing but base, index and displacement;
 * in compatibility mode {@link SlowAccess} knows about the segment.
 */
public final class Ea {
    /** Engine slots: always zero; virtual address of the page that the current block lies in. */
    public static final int ZERO = VcpuContext.ENGINE, PAGE = VcpuContext.ENGINE + 8;

    /** Bits of {@link #how}: what to shift out at the top of an offset (its low six bits), compatibility mode, a segment with a base. */
    private static final int COMPAT = 64, SEGMENT = 128;

    final short base, index, seg;
    final byte scale, how;
    final long disp;

    /**
     * @param asz address size in bytes
     * @param seg slot of the base; in compatibility mode of the segment's descriptor cache
     */
    Ea(int base, int index, int scale, long disp, int asz, int seg, boolean compat) {
        this.base = (short) base;
        this.index = (short) index;
        this.scale = (byte) scale;
        this.disp = disp;
        this.seg = (short) seg;
        how = (byte) (64 - 8 * asz & 63 | (compat ? COMPAT : 0) | (seg != ZERO ? SEGMENT : 0));
    }

    /** Base plus displacement in 64 bits and nothing else. */
    boolean plain() { return index == ZERO && how == 0; }

    /** Linear address. */
    public long of(InterpreterCpu c) {
        long r = c.regs, x = Raw.get64(r + base) + (Raw.get64(r + index) << scale) + disp;
        return how == 0 ? x : linear(c, x, how, seg);
    }

    /** Offset inside the segment (LEA). */
    public long offset(InterpreterCpu c) {
        long r = c.regs;
        return Raw.get64(r + base) + (Raw.get64(r + index) << scale) + disp << how >>> how;
    }

    /** Linear address of an offset that need not fit the address size. */
    public long linear(InterpreterCpu c, long x) { return linear(c, x, how, seg); }

    /** From the sum of an address's parts to the linear address. */
    static long linear(InterpreterCpu c, long x, byte how, int seg) {
        // shifts take the count's low six bits
        x = x << how >>> how;
        if ((how & COMPAT) != 0) {
            return c.compatLinear(seg, x);
        }
        return (how & SEGMENT) != 0 ? x + Raw.get64(c.regs + seg) : x;
    }
}
