package xen.kernel.api.control;

import xen.kernel.api.hw.Topology;
import xen.kernel.api.time.TimeMode;

/**
 * The machine to power on.
 *
 * @param memoryBytes all machine memory, a multiple of 4096; host memory is only used for what is touched
 * @param machine name of the {@code xen.machine} service, or null for any
 * @param scheduler name of the {@code xen.scheduler} service, or null for any (the core's bypass while there is none)
 * @param tscHz cycles a second of the announced TSC; one retired instruction costs one cycle in virtual time
 * @param costs what virtual time charges
 */
public record MachineConfig(long memoryBytes, Topology topology, TimeMode timeMode, String machine, String scheduler, long tscHz, CostModel costs) {
    public static final long DEFAULT_HZ = 1_000_000_000L;

    /** With the default costs. */
    public MachineConfig(long memoryBytes, Topology topology, TimeMode timeMode, String machine, String scheduler, long tscHz) {
        this(memoryBytes, topology, timeMode, machine, scheduler, tscHz, CostModel.DEFAULT);
    }
}
