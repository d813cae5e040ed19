package xen.hw.x86smp.exec;

/**
 * One executable handler of tier 0, bound to one instruction (or a fused pair). Immutable, shared by all CPUs. Rules: no architectural
 * change before the last access that can fault; nothing allocates; only terminators (the last op of a block) set the CPU's rip.
 *
 * <p>Wide code is as slow as the memory its ops fill: an op is its operands and nothing else (where it stands, its {@link Block} knows), in
 * fields as small as their values, and a warm block's ops are laid out side by side ({@link OpFactory#fuse}).
 */
public abstract class Op implements Cloneable {
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
