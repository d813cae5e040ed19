package xen.kernel.api.block;

import java.util.List;
import java.util.Map;

/** Virtual disks, disks and drivers as domain 0 manages them; a service of the core. Any thread. */
public interface BlockControl {
    /** Opens the image and makes the device; HypervisorException says why not. */
    ManagedVbd create(VbdConfig config);

    List<ManagedVbd> list();

    /** Most segments of an indirect request, for the front end. */
    int maxIndirectSegments();

    /** The driver: name, domain, state, restarts, pauses, last fault. */
    Map<String, String> driver();

    /**
     * Replaces the driver's instance by a fresh one of the newest driver, and waits until it is in charge. HypervisorException when it does
     * not start: the old one stays.
     */
    void restartDriver();

    /** Selects the scheduler of a disk, or of all disks (null); "fifo" is the core's own. */
    void selectScheduler(String disk, String name);

    /** Disks and the scheduler in charge of each. */
    Map<String, String> schedulers();

    /** Counters of each disk. */
    Map<String, Map<String, Long>> diskCounters();
}
