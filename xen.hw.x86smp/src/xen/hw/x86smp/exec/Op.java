package xen.hw.x86smp.exec;

/**
 * One executable handler of tier 0, bound to one instruction (or a fused pair). Immutable, shared by all CPUs. Rules: no architectural
 * change before the last access that can fault; nothing allocates; only terminators (the last op of a block) set the CPU's rip.
 *
 * <p>Wide code is as slow as the memory its ops fill: fields are as small as their values, and a warm block's ops are laid out side by
 * side ({@link OpFactory#fuse}).
 */
public abstract class Op implements Cloneable {
    private static final int STACK = 1, PUSHES = 2;

    /** Offset of the instruction's first byte in its page (of the first of a fused pair). */
    private short off;
    /** Instructions of the block in front of this one. */
    private byte index;
    private byte how;

    /**
     * Says where the op stands; before anybody else sees it.
     *
     * @param stack the default segment of the memory operand is SS: a non-canonical address is #SS, not #GP
     * @param pushes it uses the stack beside a memory operand elsewhere: #SS when it is rSP that is not canonical
     */
    final void place(int off, int index, boolean stack, boolean pushes) {
        this.off = (short) off;
        this.index = (byte) index;
        how = (byte) ((stack ? STACK : 0) | (pushes ? PUSHES : 0));
    }

    final int off() { return off; }

    final int index() { return index; }

    final boolean stack() { return (how & STACK) != 0; }

    final boolean pushes() { return (how & PUSHES) != 0; }

    /** The same op in fresh memory. */
    final Op copy() {
        try {
            return (Op) clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError("ops are Cloneable", e);
        }
    }

    public abstract void exec(InterpreterCpu c);
}
