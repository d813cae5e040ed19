package xen.kernel.api.control;

import xen.kernel.api.hw.Machine;

/**
 * Makes private hypervisors beside the one that is the {@link Hypervisor} service, each with a machine of its own and the core's bypass
 * scheduler: for tools that compare or dissect whole machines. A service of the core.
 */
public interface HypervisorFactory {
    /** A hypervisor that is off; the caller powers it on and off. */
    Hypervisor create(Machine machine);
}
