package xen.hw.x86smp.exec;

import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * What is looked at in every access while it matters, and costs nothing while it does not: segments of compatibility mode that are not
 * flat, breakpoints in the debug registers, alignment (RFLAGS.AC). As long as one of them is on the CPU uses a TLB tag that never hits ({@code Tlb.MISSES}),
 * so that all accesses come here through the slow twins, and executes one instruction at a time ({@link SlowRun}).
 */
abstract class SlowAccess extends LazyFlags {
    private static final int AC_FAULT = 17, FS = slot(VcpuContext.FS), GS = slot(VcpuContext.GS), SS = slot(VcpuContext.SS);
    private static final int BASE = 0, LIMIT = 4, RIGHTS = 8;
    /** Descriptor bits 40 up as the caches hold them: accessed, writable or readable, expand-down or conforming, code, S, present. */
    private static final int RW = 2, DOWN = 4, CODE = 8, S = 16, PRESENT = 128;
    private static final int DR6 = VcpuContext.DR + 4 * 8, DR7 = VcpuContext.DR + 5 * 8;
    private static final int SINGLE_STEP = 1 << 14;

    /** Base of the code segment: 0 in 64-bit mode. */
    long codeBase;
    /** Segments that are not flat, or a breakpoint somewhere. */
    private boolean armed;
    /** Breakpoints (bits 0 to 3) that the current instruction's accesses matched. */
    private int hits;
    /** The current instruction loaded SS: no trap behind it, but behind the next. */
    private boolean shadow;
    /** Descriptor cache that the next access goes through; 0 = none to check. */
    private int segment;

    protected SlowAccess(MachineMemory memory, CodeCache code, boolean concurrent) { super(memory, code, concurrent); }

    /** Offset of a segment's descriptor cache in the register file. */
    public static int slot(int seg) { return VcpuContext.SEGMENTS + 16 * seg; }

    /** Accesses have to be looked at. */
    final boolean watching() { return armed || (other & AC) != 0; }

    /** Instructions have to be executed one at a time. */
    final boolean slow() { return armed || (other & (TF | AC)) != 0; }

    // Segments of compatibility mode

    /** Finds out what the descriptor caches ask for; also at the start of a run, for the debug registers cannot change inside one. */
    final void segments(boolean longMode) {
        segmented = !longMode && !(flat(VcpuContext.CS, CODE) && flat(VcpuContext.SS, 0) && flat(VcpuContext.DS, 0) && flat(VcpuContext.ES, 0));
        codeBase = longMode ? 0 : Raw.getU32(regs + slot(VcpuContext.CS) + BASE);
        segment = 0;
        armed = segmented || (Raw.get64(regs + DR7) & 0xff) != 0;
    }

    private boolean flat(int seg, int kind) {
        long at = regs + slot(seg);
        return Raw.get32(at + BASE) == 0 && Raw.get32(at + LIMIT) == -1
                && (Raw.get32(at + RIGHTS) & (PRESENT | S | CODE | RW | (kind == 0 ? DOWN : 0))) == (PRESENT | S | RW | kind);
    }

    final long codeLinear(long offset) { return codeBase + offset & 0xffff_ffffL; }

    /** The same for an instruction that goes there: #GP beyond the segment's limit. */
    final long checkedCodeLinear(long offset) {
        if ((offset & 0xffff_ffffL) > Raw.getU32(regs + slot(VcpuContext.CS) + LIMIT)) {
            throw raise(VECTOR_GP, 0);
        }
        return codeLinear(offset);
    }

    /** Linear address of an offset in the segment with that descriptor cache, in compatibility mode. */
    public final long compatLinear(int slot, long offset) {
        return segmented || slot >= FS ? linearSlow(slot, offset & 0xffff_ffffL) : offset & 0xffff_ffffL;
    }

    private long linearSlow(int slot, long offset) {
        segment = slot;
        if (slot >= FS && !inside(regs + slot, offset, 1)) {
            throw raise(VECTOR_GP, 0);
        }
        return base(slot) + offset & 0xffff_ffffL;
    }

    private long base(int slot) {
        return slot == FS ? Raw.get64(regs + VcpuContext.FS_BASE) : slot == GS ? Raw.get64(regs + VcpuContext.GS_BASE) : Raw.getU32(regs + slot + BASE);
    }

    private static boolean inside(long at, long offset, int size) {
        int rights = Raw.get32(at + RIGHTS);
        long limit = Raw.getU32(at + LIMIT), last = offset + size - 1;
        boolean down = (rights & (CODE | DOWN)) == DOWN;
        return (rights & PRESENT) != 0 && last <= 0xffff_ffffL && (down ? offset > limit : last <= limit);
    }

    private void checkSegment(long va, int size, boolean write) {
        long at = regs + segment;
        int rights = Raw.get32(at + RIGHTS);
        boolean allowed = (rights & CODE) == 0 ? !write || (rights & RW) != 0 : !write && (rights & RW) != 0;
        if (!allowed || !inside(at, va - base(segment) & 0xffff_ffffL, size)) {
            throw raise(segment == SS ? VECTOR_SS : VECTOR_GP, 0);
        }
    }

    // Accesses

    @Override protected final void watch(long va, int size, boolean write) {
        if (segmented && segment != 0) {
            checkSegment(va, size, write);
        }
    }

    @Override protected final void watched(long va, int size, boolean write) {
        if ((other & AC) != 0 && (size == 2 || size == 4 || size == 8) && (va & size - 1) != 0) {
            throw raise(AC_FAULT, 0);
        }
        long control = Raw.get64(regs + DR7);
        if ((control & 0xff) == 0) {
            return;
        }
        for (int i = 0; i < 4; i++) {
            int how = (int) (control >>> 16 + 4 * i) & 15, type = how & 3, length = "\1\2\10\4".charAt(how >> 2);
            long from = Raw.get64(regs + VcpuContext.DR + 8 * i) & -length;
            if ((control >>> 2 * i & 3) != 0 && (type == 3 || type == 1 && write) && va < from + length && va + size > from) {
                hits |= 1 << i;
            }
        }
    }

    // Between instructions

    /** Breakpoints on the execution of the instruction at {@code rip} that stop in front of it; noted in DR6. */
    final boolean stopsAt(long rip) {
        long control = Raw.get64(regs + DR7);
        if ((control & 0xff) == 0 || (other & RF) != 0) {
            return false;
        }
        int found = 0;
        for (int i = 0; i < 4; i++) {
            if ((control >>> 2 * i & 3) != 0 && (control >>> 16 + 4 * i & 3) == 0 && Raw.get64(regs + VcpuContext.DR + 8 * i) == rip) {
                found |= 1 << i;
            }
        }
        note(found);
        return found != 0;
    }

    /** The instruction that is being executed loads SS. */
    final void shadow() { shadow = true; }

    /** True once behind an instruction that loaded SS: nothing stops the CPU in front of the next. */
    final boolean takeShadow() {
        boolean was = shadow;
        shadow = false;
        return was;
    }

    /**
     * Whether there is a trap (#DB) behind the instruction that was just executed; DR6 then says why.
     *
     * @param stepping TF was set when it began
     */
    final boolean trapsBehind(boolean stepping) {
        if (hits == 0 && !stepping) {
            return false;
        }
        note(hits | (stepping ? SINGLE_STEP : 0));
        hits = 0;
        return true;
    }

    /** Whether a repeated instruction stops between two of its parts. */
    final boolean trapsBetween() { return hits != 0 || (other & TF) != 0; }

    @Override public final GuestException stepped() {
        trapsBehind(stepping());
        return raise(VECTOR_DB, 0);
    }

    /** Instructions begin to be executed one at a time. */
    final void forgetTraps() {
        hits = 0;
        shadow = false;
    }

    private void note(int why) { Raw.put64(regs + DR6, Raw.get64(regs + DR6) | why); }
}
