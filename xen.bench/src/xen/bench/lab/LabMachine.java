package xen.bench.lab;

import java.util.IdentityHashMap;
import java.util.Map;
import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.CpuCallbacks;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.hw.VcpuContext;

/**
 * A machine whose CPUs execute descriptions instead of instructions: the "guests" are Java, everything above {@link Cpu#run} is the
 * real thing: hypercalls, event channels, timers, the scheduler in charge. Virtual time only, so all runs on one thread.
 */
final class LabMachine implements Machine {
    static final String NAME = "lab";
    /** Where guests keep the structures that they pass to hypercalls: one area for all, used and read within one exit. */
    static final int SCRATCH = 16384;

    final Map<VcpuContext, LabVcpu> guests = new IdentityHashMap<>();
    /** The measured time is over: let time pass and do nothing more. */
    volatile boolean ended;

    @Override public String name() { return NAME; }

    @Override public Board attach(MachineMemory memory, Topology topology, CpuCallbacks callbacks) {
        Raw.Area area = Raw.allocate(SCRATCH);
        Raw.zero(area.address(), SCRATCH);
        Cpu[] cpus = new Cpu[topology.pcpus()];
        for (int i = 0; i < cpus.length; i++) {
            cpus[i] = new LabCpu(this, callbacks, area.address());
        }
        return new Board() {
            @Override public Cpu cpu(int pcpu) { return cpus[pcpu]; }
            @Override public int[] cpuid(int leaf, int subleaf) { return new int[4]; }
            @Override public void trace(BlockTrace trace) { }
            @Override public void close() { area.free(); }
        };
    }
}
