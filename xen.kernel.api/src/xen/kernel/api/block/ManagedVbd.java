package xen.kernel.api.block;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A virtual disk in the tool stack's hands. */
public interface ManagedVbd extends Vbd {
    VbdConfig config();

    /** Domain of its driver: the front end grants to it. */
    int backendDomid();

    /** What is in force now; {@link #config} is what it began with. */
    int weight();

    ServiceClass serviceClass();

    /** Requests a second that are promised; 0 = none. */
    int reservation();

    /** Most requests a second; 0 = no limit. */
    int limit();

    /** Connects to the front end's rings; HypervisorException when it did not grant them. */
    void connect(List<RingConfig> rings, boolean persistent);

    /** Leaves the rings; transfers under way end first. No effect when not connected. */
    void disconnect();

    /** Told, on the timeline, when the core closed the device because the front end wrote nonsense; while nobody listens (null) a report waits. */
    void onFault(Consumer<String> report);

    /** True when the image can give room back. */
    boolean discards();

    /** Live change of what the core keeps; HypervisorException when the disk's scheduler cannot promise that. */
    void parameters(int weight, ServiceClass serviceClass, int reservation, int limit);

    /** The same, with the reservation and the limit as they are. */
    default void parameters(int weight, ServiceClass serviceClass) { parameters(weight, serviceClass, reservation(), limit()); }

    /** Looks at the image's size again; true when it changed. */
    boolean refresh();

    /** Requests that were taken from the rings and are not answered. */
    default int underWay() { return 0; }

    Map<String, Long> counters();

    /** Disconnects and closes the image. */
    void close();
}
