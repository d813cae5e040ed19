package xen.kernel.api.hypercall;

import xen.kernel.api.domain.Vcpu;

/** One hypercall in progress: caller, arguments (RDI, RSI, RDX, R10, R8) and its memory, read and written with its own rights. */
public interface Hypercall extends GuestMemory {
    Vcpu vcpu();

    int number();

    /** Argument {@code i}, 0 to 4. */
    long arg(int i);
}
