package xen.hw.x86smp.exec;

/**
 * One executable handler of tier 0, bound to one instruction (or a fused pair). Immutable, shared by all CPUs. Rules: no architectural
 * change before the last access that can fault; nothing allocates; only terminators (the last op of a block) set the CPU's rip.
 */
public abstract class Op {
    /** Offset of the instruction's first byte in its page (of the first of a fused pair). */
    public int off;
    /** Instructions of the block in front of this one. */
    public int index;
    /** Default segment of the memory operand is SS: a non-canonical address is #SS, not #GP. */
    public boolean stack;

    /** It uses the stack beside a memory operand elsewhere: #SS when it is rSP that is not canonical. */
    public boolean pushes;

    public abstract void exec(InterpreterCpu c);
}
