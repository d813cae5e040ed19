package xen.hw.x86smp.exec;

/** Leaves an op that faults; one preallocated instance a CPU, without a stack trace. Vector and error code are in the CPU. */
public final class GuestException extends RuntimeException {
    GuestException() { super(null, null, false, false); }
}
