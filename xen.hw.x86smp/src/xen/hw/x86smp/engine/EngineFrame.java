package xen.hw.x86smp.engine;

/** Layout of the off-heap record that a CPU hands to {@link Translator#run}: offsets of 8-byte fields. In: all but the last two. Out: BUDGET, PAGE, FLAGS, RIP, EXIT. */
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
    /** Code cache by host address: {@link #JUMPS} entries of {host address of the code, entry}; index as of the jump cache, of the address. */
    public static final int HOST_CACHE = 72;
    public static final int SIZE = 80;
    /** From here to offset 4096 the translator may keep what it likes. */
    public static final int PRIVATE = 128;

    public static final int JUMPS = 1 << 14;

    private EngineFrame() {}

    public static int jumpSlot(long rip) { return (int) (rip ^ rip >>> 12) & JUMPS - 1; }
}
