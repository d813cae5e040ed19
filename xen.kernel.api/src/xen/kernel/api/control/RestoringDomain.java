package xen.kernel.api.control;

import xen.kernel.api.domain.Domain;

/**
 * A domain between {@link Hypervisor#restore} and its first {@link Hypervisor#unpause}: it has its frames, whose contents the caller now
 * fills in, then calls {@link #complete}. One thread.
 */
public interface RestoringDomain {
    Domain domain();

    /** The frame that stands for each of the image's, in the image's order. Their contents are zero. */
    long[] mfns();

    /** True when the frames have other numbers than in the image: whoever fills them in translates page tables and everything else. */
    boolean moved();

    /**
     * Gives the domain its state. Page tables, descriptor tables and every reference are validated as if the guest had asked for them
     * itself. Afterwards it waits, in state BUILDING, for {@link Hypervisor#unpause}.
     *
     * @throws HypervisorException when the image is refused; then the domain is gone
     */
    void complete();

    /** Gives up: the domain is gone. No effect after {@link #complete}. */
    void abandon();
}
