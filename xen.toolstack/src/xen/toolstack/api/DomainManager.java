package xen.toolstack.api;

import java.util.List;
import java.util.Optional;

/** Creates domains from descriptions and looks after them until they end; a service. Calls may block for a second; any thread but the timeline's. */
public interface DomainManager {
    /**
     * Builds and starts a domain; the machine is on.
     *
     * @throws ToolstackException when the description or a file it names is at fault
     */
    ManagedDomain create(DomainSpec spec, boolean paused);

    List<ManagedDomain> list();

    /** By name or by number. */
    Optional<ManagedDomain> find(String nameOrId);

    void destroy(ManagedDomain domain);

    /** Asks the guest to power off (xenstore's control/shutdown); it may take its time or not listen. */
    void shutdown(ManagedDomain domain);

    void reboot(ManagedDomain domain);
}
