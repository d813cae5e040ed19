package xen.hw.x86smp.exec;

import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * A memory operand, ready to compute: base, index and segment are byte offsets into the register file, where an absent part is the
 * always-zero slot and a RIP-relative base is the slot with the block's page; so every form is the same few instructions, no branch.
 */
public final class Ea {
    /** Engine slots: always zero; virtual address of the page that the current block lies in. */
    public static final int ZERO = VcpuContext.ENGINE, PAGE = VcpuContext.ENGINE + 8;

    public final int base, index, seg;
    public final int scale;
    public final long disp;
    /** All ones, or 0xffffffff / 0xffff for a smaller address size. */
    public final long mask;
    /** All ones; 0xffffffff in compatibility mode, where segment base plus offset wraps. */
    public final long linear;

    public Ea(int base, int index, int scale, long disp, long mask, int seg, long linear) {
        this.base = base;
        this.index = index;
        this.scale = scale;
        this.disp = disp;
        this.mask = mask;
        this.seg = seg;
        this.linear = linear;
    }

    /** Base plus displacement in 64 bits and nothing else. */
    boolean plain() { return index == ZERO && seg == ZERO && mask == -1 && linear == -1; }

    /** Linear address. */
    public long of(InterpreterCpu c) {
        long r = c.regs;
        return (Raw.get64(r + base) + (Raw.get64(r + index) << scale) + disp & mask) + Raw.get64(r + seg) & linear;
    }

    /** Offset inside the segment (LEA). */
    public long offset(InterpreterCpu c) {
        long r = c.regs;
        return Raw.get64(r + base) + (Raw.get64(r + index) << scale) + disp & mask;
    }
}
