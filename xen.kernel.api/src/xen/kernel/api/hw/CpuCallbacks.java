package xen.kernel.api.hw;

/** What a CPU asks the core while it runs guest code; called on the CPU's thread, must not block or throw. */
public interface CpuCallbacks {
    /**
     * Time stamp counter as RDTSC reads it.
     *
     * @param retiredInRun instructions retired since the current {@link Cpu#run} began
     */
    long tsc(VcpuContext vcpu, long retiredInRun);

    /**
     * How {@link #tsc} goes inside a run: {@code tsc(v, n) = tsc(v, 0) + (n * rate >> 16)}, for engines that compute it themselves; constant during a run.
     *
     * @return the rate in 2^-16 cycles an instruction; 0 = time is not a matter of instructions, each RDTSC asks
     */
    default int tscRate() { return 0; }

    /**
     * The 8 raw descriptor bytes behind a selector (GDT or LDT of the vCPU), for segment loads and far transfers.
     *
     * @return the descriptor; 0 when the selector is outside its table (the CPU raises #GP(selector))
     */
    long descriptor(VcpuContext vcpu, int selector);

    /** Descriptors of {@link #lastingSelectors}: flat, ring 3, accessed. */
    long LASTING_CODE = 0x00af_fb00_0000_ffffL, LASTING_STACK = 0x00cf_f300_0000_ffffL;

    /**
     * Selectors whose descriptors no guest can change, for engines that return to them without asking: of {@link #LASTING_CODE} and, from bit 16 on, of
     * {@link #LASTING_STACK}. Constant for a board; -1 = there are none.
     */
    default long lastingSelectors() { return -1; }

    /**
     * Runs {@code action} while no CPU of the board is in {@link Cpu#run}, and waits for it: for a change of engine, which may come at any
     * moment on any thread, at the latest when the framework stops. Not from inside a run. Who drives a lone CPU extends {@link SoloDriver}.
     */
    void quiesced(Runnable action);

    /** True when several CPUs of the board run guest code at the same time, each on its own host thread; constant for a board. */
    default boolean concurrent() { return false; }
}
