package xen.toolstack.api;

import java.nio.file.Path;
import xen.kernel.api.control.MachineConfig;

/**
 * What a snapshot's file says of itself.
 *
 * @param spec the domain as it was described
 * @param machine the machine that it ran on: one like it continues the run exactly
 * @param settled its frames may get other numbers, so that it can be restored beside others, also twice
 * @param instructions that its vCPUs had retired, {@code nanos} machine time
 * @param pages that the file holds; the others are zero
 */
public record SavedDomain(Path file, DomainSpec spec, MachineConfig machine, boolean settled, long instructions, long nanos, long pages, long bytes) {
    @Override public String toString() {
        return "%s: %s at %,d instructions, %.3f s, %d MiB in use%s".formatted(file, spec.name(), instructions, nanos / 1e9, pages >> 8,
                settled ? "" : "; it was busy, so it can only be restored where its frames are free");
    }
}
