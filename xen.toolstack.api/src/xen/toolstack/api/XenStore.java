package xen.toolstack.api;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The xenstore as domain 0 uses it: drivers, tool stack and shell. Paths are absolute. Safe on any thread. Refused calls throw
 * {@link IllegalArgumentException} with the reason.
 */
public interface XenStore {
    Optional<String> read(String path);

    /** Writes the value, making the node and its parents as needed. */
    void write(String path, String value);

    void mkdir(String path);

    /** Removes the node and all under it; nothing happens when it does not exist. */
    void remove(String path);

    /** Names of the children; empty for a missing node. */
    List<String> list(String path);

    /** The owner and what everybody else may do, as letter and domid: {@code n0}, {@code r1}, {@code b2}; then exceptions. */
    void setPermissions(String path, String... permissions);

    List<String> permissions(String path);

    /**
     * Calls {@code listener} with the changed path for every change at or below {@code path}, and once after registration. Calls come on
     * the machine's timeline without any lock, and may be spurious. Also {@code @introduceDomain} and {@code @releaseDomain}.
     */
    AutoCloseable watch(String path, Consumer<String> listener);

    /** Several changes that appear at once: {@code changes} gets a store of its own, and is run again when another change came between. */
    void transaction(Consumer<XenStore> changes);
}
