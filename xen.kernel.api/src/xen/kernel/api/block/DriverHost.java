package xen.kernel.api.block;

import xen.kernel.api.control.GrantBatch;
import xen.kernel.api.control.GrantMapping;
import xen.kernel.api.event.EventPort;
import xen.kernel.api.time.Timeline;

/** What the block core needs of a machine: the powered-on one, or one that an experiment makes up. */
public interface DriverHost {
    /** Id that the driver domain has here: front ends grant to it. */
    default int domid() { return 0; }

    /** HypervisorException when {@code domid} did not grant that. */
    GrantMapping map(int domid, int ref, boolean readOnly);

    /** Room to map up to {@code most} pages of {@code domid} together; HypervisorException when there is no such domain. */
    GrantBatch batch(int domid, int most);

    /**
     * @param onEvent in virtual time on the timeline; in real time on the thread of whoever notifies, who has other things to do and may hold
     *     locks: it sets flags and wakes threads, no more
     */
    EventPort bind(int domid, int port, Runnable onEvent);

    Timeline timeline();

    /** True when transfers shall be done on the timeline at the time the model says; else on threads, as fast as the host can. */
    boolean virtual();

    /**
     * Virtual time only: true when drivers run on the thread that owns the time, without one of their own. Much faster, but a call into
     * them that does not come back stops everything.
     */
    default boolean trustsDriver() { return false; }
}
