package xen.kernel.hypercall;

/**
 * One of the core's own hypercalls. Called on the pCPU's thread under the core's lock. Validate everything, then act without failure;
 * a {@link xen.kernel.api.hypercall.GuestMemory.GuestFault} thrown by the frame's accessors becomes -EFAULT.
 */
@FunctionalInterface
public interface CoreHypercall {
    /** @return the value for RAX: 0 or positive, or a negative {@link xen.kernel.api.hypercall.Errno} */
    long call(HypercallFrame c);
}
