package xen.toolstack.api;

import java.util.List;
import java.util.Map;
import xen.kernel.api.block.ServiceClass;

/** The virtual disks of a domain, while it runs or before. A domain that restarts has those of its configuration again. Any thread. */
public interface VirtualDisks {
    /**
     * One disk.
     *
     * @param vdev name in the guest, {@code xvda}
     * @param device its number, 51712
     * @param state of the back end in xenbus' numbers: 2 waits for the guest, 4 in use, 6 closed
     * @param reservation requests a second that are promised, 0 = none; {@code limit} most of them, 0 = any
     * @param sectors size in units of 512 bytes
     */
    record Disk(String vdev, int device, String target, String format, boolean readOnly, boolean cdrom, int backend, int state, int weight,
            ServiceClass serviceClass, int reservation, int limit, long sectors, Map<String, Long> counters) {}

    List<Disk> list();

    /** One more, described in the words of xl.cfg's {@code disk}; the guest finds it by itself. ToolstackException says why not. */
    Disk attach(String spec);

    /**
     * Asks the guest to let go of the disk and waits until it did; {@code force} takes it away at once.
     *
     * @param vdev name or number
     * @throws ToolstackException when the guest keeps it open that long; it is then still there
     */
    void detach(String vdev, boolean force, double seconds);

    /** Looks at the sizes of all images again; guests are told. Names of those that changed. */
    List<String> refresh();

    /** Changes the share of a disk, live; null leaves a value as it is. */
    default void parameters(String vdev, Integer weight, ServiceClass serviceClass) { parameters(vdev, weight, serviceClass, null, null); }

    /**
     * The same with requests a second: {@code reservation} is promised to the real-time class, or refused; {@code limit} is the most that
     * the core lets through, whoever schedules; 0 takes either away.
     */
    void parameters(String vdev, Integer weight, ServiceClass serviceClass, Integer reservation, Integer limit);
}
