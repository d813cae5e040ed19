package xen.toolstack.api;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Creates domains from descriptions and looks after them until they end; a service. Calls may block for a second; any thread but the timeline's. */
public interface DomainManager {
    /**
     * Reads and checks the files of a description, which needs no machine; {@link #create} of the same object then uses what was read.
     *
     * @throws ToolstackException as {@link #create}
     */
    default void check(DomainSpec spec) { }

    /**
     * Builds and starts a domain; the machine is on.
     *
     * @throws ToolstackException when the description or a file it names is at fault
     */
    ManagedDomain create(DomainSpec spec, boolean paused);

    /**
     * Reads an xl.cfg file.
     *
     * @param warnings gets a line for every key that has no effect here
     * @throws ToolstackException when it is not there or makes no sense
     */
    DomainSpec read(Path file, Consumer<String> warnings);

    List<ManagedDomain> list();

    /** By name or by number. */
    Optional<ManagedDomain> find(String nameOrId);

    void destroy(ManagedDomain domain);

    /** Gives a domain another name; a {@link ToolstackException} when that is no name or another domain has it. */
    void rename(ManagedDomain domain, String name);

    /** Asks the guest to power off (xenstore's control/shutdown); it may take its time or not listen. */
    void shutdown(ManagedDomain domain);

    void reboot(ManagedDomain domain);
}
