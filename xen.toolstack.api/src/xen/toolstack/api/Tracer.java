package xen.toolstack.api;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Writes what guests do to a file, one line an event; a service. One trace at a time. Any thread but the timeline's. */
public interface Tracer {
    /** What can be traced. Exits and hypercalls cost some percent; blocks make the guest many times slower and files of gigabytes. */
    List<String> KINDS = List.of("exits", "hypercalls", "blocks");

    /** @throws ToolstackException when a trace is on, a kind is unknown or the file cannot be written */
    void start(Path file, Set<String> kinds);

    /** The file that is being written, if any. */
    Optional<Path> running();

    /**
     * Ends the trace and closes its file; nothing happens when there is none.
     *
     * @return lines written
     * @throws ToolstackException when the file could not be written to the end (the disk is full)
     */
    long stop();
}
