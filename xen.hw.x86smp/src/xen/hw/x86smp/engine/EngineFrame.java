package xen.hw.x86smp.engine;

/** Layout of the off-heap record that a CPU hands to {@link Translator#run}: offsets of 8-byte fields. In: all but RIP and EXIT. Out: BUDGET, PAGE, FLAGS, OTHER, RIP, EXIT. */
public final class EngineFrame {
    /** Register file of the vCPU. */
    public static final int FILE = 0;
    /** Base of the CPU's TLB, layout of {@code Tlb}. */
    public static final int TLB = 8;
    /** Address-space tag. */
    public static final int TAG = 16;
    /** Virtual address of the page of the block. */
    public static final int PAGE = 24;
    /** Instructions that may still retire. */
    public static final int BUDGET = 32;
    /** Arithmetic flags: bit 0 OF, bits 8-15 the low byte of RFLAGS (what SETO AL; LAHF give). */
    public static final int FLAGS = 40;
    /** Jump cache: {@link #JUMPS} entries of {key, entry}; key = rip << 12 | tag; index = (rip ^ rip >>> 12) & JUMPS - 1. */
    public static final int JUMP_CACHE = 48;
    /** Next instruction, when the run ended with a jump. */
    public static final int RIP = 56;
    /** Number of the exit point taken. */
    public static final int EXIT = 64;
    /** Code cache by host address: {@link #HOSTS} entries of {host address of the code, entry}; index = (address ^ address >>> 12) & HOSTS - 1. */
    public static final int HOST_CACHE = 72;
    /** RFLAGS but the arithmetic flags; in and out. A translator that changes DF does it here. */
    public static final int OTHER = 80;
    /**
     * For page walks of the translator's own, which do what {@code PageWalker} and the filling of the TLB do, or leave it to tier 0: host address of the
     * L4 table (0 = none); machine memory's host address and size; one byte a frame, not 0 = it holds decoded code and is not written directly.
     */
    public static final int ROOT = 88, MEMORY = 96, MEMORY_BYTES = 104, CODE_MAP = 112;
    /** Not 0: other CPUs run guest code at the same time. */
    public static final int CONCURRENT = 120;
    /**
     * RDTSC reads {@code TSC_BASE + ((TSC_START - instructions left) * TSC_RATE >> 16)}, where what is left are {@link #BUDGET} and the rest of the block;
     * a rate of 0 says that time is not a matter of instructions.
     */
    public static final int TSC_BASE = 128, TSC_RATE = 136, TSC_START = 144;
    /** {@code CpuCallbacks.lastingSelectors}. */
    public static final int LASTING = 152;
    /** From here to offset 4096 the translator may keep what it likes. */
    public static final int PRIVATE = 256;

    public static final int JUMPS = 1 << 14, HOSTS = 1 << 16;

    private EngineFrame() {}

    public static int jumpSlot(long rip) { return (int) (rip ^ rip >>> 12) & JUMPS - 1; }

    public static int hostSlot(long host) { return (int) (host ^ host >>> 12) & HOSTS - 1; }
}
