package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Insn;

/**
 * Binds decoded instructions to handlers. The arrays it returns hold one op an instruction plus, when the last instruction is not a
 * terminator, a {@link FallThrough} that is no instruction.
 */
final class OpFactory {
    /** One op an instruction, {@code off} and {@code index} set. */
    Op[] plain(Insn[] insns, int off, boolean longMode) { throw new AssertionError("to be bound"); }

    /** The same with fused pairs and dead flags removed, or {@code plain} itself. */
    Op[] fuse(Insn[] insns, Op[] plain, int off, boolean longMode) { return plain; }
}
