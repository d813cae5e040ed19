package xen.kernel.api.control;

import xen.kernel.api.domain.Vcpu;

/** Receives trace records on the pCPU's thread, in order; must be quick. */
public interface TraceSink {
    /** An exit the core is about to handle; details are in the context. {@code exit} as in {@code xen.kernel.api.hw.Exit}. */
    void exit(Vcpu vcpu, int exit);

    /** A hypercall that returned. */
    void hypercall(Vcpu vcpu, int number, long a0, long a1, long a2, long result);

    /**
     * A vCPU changed its runstate; on any thread that makes it runnable, with locks of the core held. Times of different pCPUs may be a
     * window apart and thus out of order.
     *
     * @param pcpu the pCPU that runs it from now on, or ran it until now; -1 = none
     */
    default void runstate(Vcpu vcpu, xen.kernel.api.domain.RunState next, int pcpu, long nowNanos) {}

    /** Asked once, when the sink is set: true gets {@link #block} for every block, which slows the guest a lot. */
    default boolean wantsBlocks() { return false; }

    /** A run of instructions without a jump is about to be executed at {@code rip}; a fault may cut it short. */
    default void block(Vcpu vcpu, long rip, int instructions) {}
}
