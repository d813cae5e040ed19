package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Insn;
import xen.kernel.api.hw.VcpuContext;

/** One instruction at its place in a page, on its way to an {@link Op}: turns operands into register offsets and addresses. */
final class Binding {
    final Insn i;
    /** Page offsets of the instruction, of the next one. */
    final int off, next;
    /** What the instruction before left as flags; see {@link Producer}. */
    final Producer flags;

    Binding(Insn i, int off, Producer flags) {
        this.i = i;
        this.off = off;
        this.flags = flags;
        next = off + i.length;
    }

    boolean is64() { return i.mode == Insn.MODE_64; }

    /** The memory operand, or null. */
    Ea ea() {
        return i.mem < 0 ? null : address(i.base, i.index, i.scale, i.disp);
    }

    /** There is no memory operand, or its displacement has 32 bits: hot ops keep no more. */
    boolean near() {
        long d = i.ripRelative ? i.disp + next : i.disp;
        return i.mem < 0 || d == (int) d;
    }

    Ea address(int base, int index, int scale, long disp) {
        boolean page = i.ripRelative;
        return new Ea(page ? Ea.PAGE : slot(base), slot(index), scale, page ? disp + next : disp, i.asz, segment(), !is64());
    }

    private static int slot(int register) { return register < 0 ? Ea.ZERO : VcpuContext.GPR + register * 8; }

    /** Slot of the segment's base; in compatibility mode of its descriptor cache. */
    int segment() {
        if (!is64()) {
            return SlowAccess.slot(i.seg);
        }
        return i.seg == VcpuContext.FS ? VcpuContext.FS_BASE : i.seg == VcpuContext.GS ? VcpuContext.GS_BASE : Ea.ZERO;
    }

    /** Operand {@code n} as register or memory. */
    Loc loc(int n) {
        return i.kind(n) == Insn.MEM ? new Loc(0, ea(), i.size(n)) : new Loc(reg(n), null, i.size(n));
    }

    /** Null when operand {@code n} is an immediate or missing. */
    Loc locOrNull(int n) {
        return n >= i.operands || i.kind(n) == Insn.IMM ? null : loc(n);
    }

    /** Register operand {@code n} as offset in the register file. */
    int reg(int n) {
        return VcpuContext.GPR + i.reg(n) * 8 + (i.kind(n) == Insn.GPR_HIGH ? 1 : 0);
    }

    boolean gpr(int n) { return i.kind(n) == Insn.GPR; }

    boolean mem(int n) { return i.kind(n) == Insn.MEM; }

    boolean imm(int n) { return i.kind(n) == Insn.IMM; }

    /** Page offset of a direct branch's target. */
    int target() { return next + (int) i.imm; }
}
