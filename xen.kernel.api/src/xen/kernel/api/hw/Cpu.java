package xen.kernel.api.hw;

/**
 * One physical CPU of the machine. Shape of KVM: the core loads a vCPU, runs it until an exit, handles the exit. All calls come from
 * the one host thread that drives this pCPU, or from the single machine thread in virtual time; {@link VcpuContext#attention} is the
 * only way in from other threads. The CPU works at CPL 3 always: every guest access is a user access to the page tables.
 *
 * <p>Translations are cached under two tags a vCPU, kernel and user, so the guest kernel/user toggle flushes nothing: the core flips
 * {@link VcpuContext#MODE} and goes on.
 */
public interface Cpu {
    int READ = 1, WRITE = 2, EXECUTE = 4;
    /** For {@link #spaceChanged}: translations of kernel mode in the upper half (addresses below 0) or the lower half are as the tables are. */
    int KEEP_UPPER = 1, KEEP_LOWER = 2;

    /**
     * Runs guest code from the context's RIP until an exit. Never throws for anything a guest does.
     *
     * @param budget instructions to retire at most, &gt; 0; the run retires exactly this many unless it exits before
     * @return an {@link Exit} code; {@link VcpuContext#RETIRED} has grown by the instructions retired
     */
    int run(VcpuContext vcpu, long budget);

    /**
     * Executes exactly one instruction like {@link #run} with budget 1, but every store to the 4 KiB page {@code page} that the page
     * tables refuse goes to {@code hook} instead: the way the core emulates writes to read-only page tables.
     *
     * @return {@link Exit#BUDGET} when the instruction retired, else the exit that it took
     */
    int stepWithStoreHook(VcpuContext vcpu, long page, StoreHook hook);

    /** Executes one instruction like {@link #run}, while no other CPU of the board runs: any locked access is atomic then. */
    default int stepAlone(VcpuContext vcpu) { return run(vcpu, 1); }

    /** The vCPU's root table(s) changed (MODE's roots): all its cached translations are void. */
    void rootChanged(VcpuContext vcpu);

    /**
     * The same, but what is true all the same may be kept: a root changed or the guest asked for a flush, and the core knows which tables
     * lost something since the last call.
     *
     * @param keep {@link #KEEP_UPPER}, {@link #KEEP_LOWER}: what may be kept of kernel mode
     * @param userSpace name of what user mode sees: translations entered for user mode when the vCPU had the same name are as the tables
     *     are. Names are never used again for anything else; 0 is no name
     */
    default void spaceChanged(VcpuContext vcpu, int keep, long userSpace) { rootChanged(vcpu); }

    /** Drops the translations of one page in both modes of the vCPU. */
    void flushPage(VcpuContext vcpu, long va);

    /** Drops every cached translation of this CPU, whoever they belong to. */
    void flushAll();

    /** Drops every cached translation that leads to the machine frame, whoever it belongs to and whatever its address. */
    default void forgetFrame(int mfn) { flushAll(); }

    /**
     * Host address of guest virtual {@code va} as the vCPU in its current mode would access it, or -1. Sets accessed/dirty bits like
     * the access itself. Valid until the next flush; never crosses the page.
     *
     * @param access READ, WRITE or EXECUTE
     */
    long translate(VcpuContext vcpu, long va, int access);

    /** Somebody other than guest code on a CPU (core, device, grant copy) is about to change or has changed the frame's contents:
     *  decoded code of it is void on all CPUs of the machine. Cheap when the frame holds no code. */
    void contentChanged(int mfn);

    /** Gate for stores to a page that the page tables protect; called on the CPU's thread. */
    @FunctionalInterface
    interface StoreHook {
        /**
         * @param size 1, 2, 4 or 8 bytes, never crossing the page
         * @return false to make the instruction fault with #PF as if there were no hook
         */
        boolean store(long va, int size, long value);

        /** The same for an instruction that read {@code old} there before: false also when that is not there any more. */
        default boolean exchange(long va, int size, long old, long value) { return store(va, size, value); }
    }
}
