package xen.kernel.api.hw;

/**
 * SPI of a hardware model, one OSGi service a bundle (property {@code xen.machine} = its name). The core owns memory, vCPU contexts
 * and time; a machine only supplies CPUs that execute them, so it can be swapped under running guests: everything it holds is a cache.
 */
public interface Machine {
    /** Short name for {@code --machine} and reports, for example {@code x86smp}. */
    String name();

    /**
     * A board with CPUs over the given memory. Called once at power-on or in a swap; must not keep references to earlier boards.
     *
     * @param topology what the CPUs report as their place
     */
    Board attach(MachineMemory memory, Topology topology, CpuCallbacks callbacks);

    /** CPUs over one memory; {@link #close} drops all caches. */
    interface Board extends AutoCloseable {
        Cpu cpu(int pcpu);

        /** What the silicon would answer to CPUID (EAX, EBX, ECX, EDX): exactly what is implemented; the core filters and adds topology. */
        int[] cpuid(int leaf, int subleaf);

        /** Sets observers for a debugging run; null switches off. */
        void trace(BlockTrace trace);

        @Override void close();
    }

    /** Observer of executed blocks ({@code --trace blocks}). */
    @FunctionalInterface
    interface BlockTrace {
        void block(VcpuContext vcpu, long rip, int instructions);
    }
}
