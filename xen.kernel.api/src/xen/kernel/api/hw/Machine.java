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

    /** The first instruction of {@code code} in the manual's notation and its length, or a length of 0 when the bytes are none or cut short. */
    default Listing disassemble(byte[] code, long rip, boolean longMode) { return new Listing("", 0); }

    /** One disassembled instruction. */
    record Listing(String text, int length) {}

    /** CPUs over one memory; {@link #close} drops all caches. */
    interface Board extends AutoCloseable {
        Cpu cpu(int pcpu);

        /** What the silicon would answer to CPUID (EAX, EBX, ECX, EDX): exactly what is implemented; the core filters and adds topology. */
        int[] cpuid(int leaf, int subleaf);

        /** Name of the engine that executes guest code; {@code interp} is the machine's own. */
        default String engine() { return "interp"; }

        /**
         * Selects the engine: a name, or {@code auto} for the fastest there is. A named engine that goes away leaves the board to its own
         * until it comes back. With no CPU in {@link Cpu#run}.
         *
         * @throws IllegalArgumentException if the engine is not there or cannot run on this host; the message says what there is
         */
        default void engine(String name) {
            if (!name.equals("interp") && !name.equals("auto")) {
                throw new IllegalArgumentException("there is no engine '" + name + "': there is interp");
            }
        }

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
