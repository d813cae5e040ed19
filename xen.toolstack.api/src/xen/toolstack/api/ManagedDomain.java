package xen.toolstack.api;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.ShutdownReason;

/**
 * A domain under the tool stack's care. It stays the same object over reboots; {@link #domid} changes with each. When the tool stack is
 * stopped or replaced the domain runs on, but this object is at its end: the next tool stack has another one for it. Safe on any thread.
 */
public interface ManagedDomain {
    /**
     * How its life ended.
     *
     * @param reason what the guest asked for; null when it was destroyed from outside
     * @param report the crash report with symbol names; empty if it did not crash
     * @param nanos machine time of the shutdown
     */
    record End(ShutdownReason reason, String report, long nanos) {}

    DomainSpec spec();

    /** Number of the present incarnation. */
    int domid();

    Domain domain();

    /** Completes when the domain is gone (or preserved) and will not be restarted; fails with {@link ToolstackException} when the tool stack stops before. */
    CompletableFuture<End> ended();

    /**
     * Listens to the console.
     *
     * @param output called on the timeline with what the guest prints; must not block
     */
    AutoCloseable attach(Consumer<byte[]> output);

    /** As {@link #attach}, but {@code output} first gets, inside this call, what {@link #consoleLog} has; nothing is lost or told twice. */
    AutoCloseable attachWithLog(Consumer<byte[]> output);

    /** Types into the console. */
    void input(byte[] data);

    /** The last 256 KiB that the guest printed. */
    byte[] consoleLog();

    /** Name of a kernel address, for example {@code start_kernel+0x1c}; the first call may take a second. */
    Optional<String> symbol(long va);

    /** Machine time at which the present incarnation began. */
    long startedNanos();

    /**
     * Asks the guest, through xenstore, to bring vCPUs 0 to {@code count} - 1 up and to take the others down; it does so when it likes.
     *
     * @throws ToolstackException when count is not 1 to the domain's maxvcpus
     */
    void onlineVcpus(int count);

    /** Virtual disks of the present incarnation. */
    VirtualDisks disks();

    /** One entry an incarnation, the present one last. */
    List<DomainStats> stats();
}
