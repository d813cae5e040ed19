package xen.kernel.api.hypercall;

/**
 * SPI of one hypercall: an OSGi service with property {@code xen.hypercall} = its number (0-63). A plugin's handler wins over the
 * core's own for a number that the core leaves free; the core's numbers cannot be taken over. Called on the pCPU's thread under the
 * core's lock. Validate everything, then act without failure.
 */
@FunctionalInterface
public interface HypercallHandler {
    /** @return the value for RAX: 0 or positive, or a negative {@link Errno} */
    long call(Hypercall call);
}
