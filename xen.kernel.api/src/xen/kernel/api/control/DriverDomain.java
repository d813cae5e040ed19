package xen.kernel.api.control;

import xen.kernel.api.event.EventPort;

/**
 * A driver domain: an id of its own, and the right to what front ends grant to that id and leave unbound for it; to nothing else. It has
 * no memory and no vCPU of the machine's: its code is a plugin's, on a thread of the host. Ids come from the top of the range, so that
 * guests' ids do not depend on how many drivers there are. Lives until the machine is switched off. Any thread.
 */
public interface DriverDomain {
    int domid();

    String name();

    /** Maps the page behind a reference that {@code domid} granted to this domain; HypervisorException when it did not. */
    GrantMapping mapGrant(int domid, int ref, boolean readOnly);

    /** Room to map up to {@code most} pages of {@code domid} together, again and again; HypervisorException when there is no such domain. */
    GrantBatch grantBatch(int domid, int most);

    /**
     * Binds to a port that {@code domid} left unbound for this domain. In virtual time the callback runs on the timeline, as domain 0's do
     * ({@link Hypervisor#bindInterdomain}). In real time it runs at the end of the front end's notification, on the thread of its pCPU, which
     * has the guest to run: it may set a flag and wake the driver's thread, which nobody then has to do in between.
     */
    EventPort bindInterdomain(int domid, int remotePort, Runnable onEvent);
}
