package xen.kernel.api.control;

import xen.kernel.api.domain.Vcpu;

/** Receives trace records on the pCPU's thread, in order; must be quick. */
public interface TraceSink {
    /** An exit the core is about to handle; details are in the context. {@code exit} as in {@code xen.kernel.api.hw.Exit}. */
    void exit(Vcpu vcpu, int exit);

    /** A hypercall that returned. */
    void hypercall(Vcpu vcpu, int number, long a0, long a1, long a2, long result);
}
