package xen.toolstack.api;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** Saves domains to files and makes domains of them; a service. Failures are a {@link ToolstackException} that names file, cause and next step. */
public interface Snapshots {
    /** NOW: at the next point between two instructions. SETTLED: when every vCPU is idle, waiting for it up to ten seconds of machine time. */
    enum Moment { NOW, SETTLED }

    /**
     * Saves; disk requests under way end first. Any thread, the timeline's too: nothing waits here.
     *
     * @param keep the domain goes on; else it stands still from this very point on, for the caller to destroy
     * @return completes, on the timeline, when the file is whole
     */
    CompletableFuture<SavedDomain> save(ManagedDomain domain, Path file, Moment moment, boolean keep);

    /** Saves when the domain has retired that many instructions; in virtual time exactly there. */
    CompletableFuture<SavedDomain> saveAt(ManagedDomain domain, Path file, long instructions, boolean keep);

    /** What a file says of itself; the machine may be off. */
    SavedDomain read(Path file);

    /**
     * Makes a domain of a file; the machine is on. Not on the timeline.
     *
     * @param name another name than it had, or null
     * @param paused it does not run until it is unpaused
     * @param changedDisks restore also when a disk is not what it was
     */
    ManagedDomain restore(Path file, String name, boolean paused, boolean changedDisks);
}
