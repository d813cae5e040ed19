package xen.kernel.api.hw;

/**
 * The architectural state of one vCPU, off-heap with a fixed layout, so that the interpreter, translators of any kind and the core
 * share it without copying. Offsets are from {@link #base}; all values little-endian. Owned by the core (it survives every swap);
 * written by the engine during {@link Cpu#run} and by the core between two runs, never by both.
 *
 * <p>Between runs the state is precise: RIP and RFLAGS are materialised. RFLAGS always has bit 1 and IF set: PV guests run with real
 * interrupts on; the guest's virtual interrupt flag is vcpu_info's upcall mask.
 */
public final class VcpuContext implements AutoCloseable {
    public static final int SIZE = 4096;

    public static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7;
    public static final int ES = 0, CS = 1, SS = 2, DS = 3, FS = 4, GS = 5;

    /** 16 general registers of 8 bytes. */
    public static final int GPR = 0x000;
    public static final int RIP = 0x080;
    public static final int RFLAGS = 0x088;
    /** Base of the active FS and GS; GS_BASE_OTHER is what the next guest kernel/user toggle swaps in. */
    public static final int FS_BASE = 0x090, GS_BASE = 0x098, GS_BASE_OTHER = 0x0a0;
    /** Roots (mfn of an L4 table) for the guest kernel and for the guest user; 0 = none. */
    public static final int KERNEL_ROOT = 0x0a8, USER_ROOT = 0x0b0;
    /** 0 = virtual kernel mode, 1 = virtual user mode: selects the root and the TLB tag. */
    public static final int MODE = 0x0b8;
    /** 6 selectors (u16) in the order ES CS SS DS FS GS. */
    public static final int SELECTORS = 0x0c0;
    /** u32: 1 if the code segment is 64-bit (CS.L), 0 for a 32-bit compatibility segment. */
    public static final int LONG_MODE = 0x0cc;
    /** 6 descriptor caches in selector order for compatibility mode: base u32, limit u32 (byte granular), attributes u32, pad u32. */
    public static final int SEGMENTS = 0x0d0;
    /** Exit details of the last run; see {@link Exit}. */
    public static final int EXIT_VECTOR = 0x140, EXIT_ERROR = 0x144, EXIT_CR2 = 0x148, EXIT_LENGTH = 0x150, EXIT_OP = 0x154,
            EXIT_OPERAND = 0x158;
    /** Instructions retired by this vCPU since it was made (u64), including those of the last run. */
    public static final int RETIRED = 0x160;
    /** u32, not 0: somebody wants the CPU to leave the guest at the next block (set with release by any thread). */
    public static final int ATTENTION = 0x168;
    /** CR0.TS as the guest set it by fpu_taskswitch (u32): FPU and SSE instructions raise #NM when 1. */
    public static final int TASK_SWITCHED = 0x16c;
    /** TLB tags as the CPU left them, see {@link Cpu}: u32 tag kernel, u32 tag user, u32 pcpu + 1, u32 epoch. */
    public static final int TLB_TAGS = 0x170;
    /** MSR values the engine itself needs: TSC_AUX (u64). */
    public static final int TSC_AUX = 0x180;
    /** Debug registers DR0-DR3, DR6, DR7 (u64 each). */
    public static final int DR = 0x188;
    /** 128 bytes private to the engine that runs the vCPU; meaningless after an engine swap. */
    public static final int ENGINE = 0x1c0;

    /** x87: control, status (TOP inside), full 16-bit tag word (2 bits a physical register), last opcode: u16 each. */
    public static final int FCW = 0x240, FSW = 0x242, FTW = 0x244, FOP = 0x246;
    public static final int FIP = 0x248, FDP = 0x250;
    public static final int MXCSR = 0x258;
    public static final int XCR0 = 0x260;
    /** 8 physical x87 registers of 16 bytes: significand u64, sign and exponent u16, pad. R0..R7, not relative to TOP. */
    public static final int X87 = 0x280;
    /** 32 vector registers of 64 bytes (XMM in the low 16, YMM in the low 32: room for ZMM); 16 to 31 are the engine's scratch. */
    public static final int VEC = 0x400;
    public static final int VEC_STRIDE = 64;

    public static final long FLAGS_FIXED = 0x202;

    private final Raw.Area area = Raw.allocate(SIZE);
    public final long base = area.address();

    public VcpuContext() {
        Raw.zero(base, SIZE);
        flags(FLAGS_FIXED);
        Raw.put16(base + FCW, 0x37f);
        Raw.put16(base + FTW, 0xffff);
        Raw.put32(base + MXCSR, 0x1f80);
        Raw.put64(base + XCR0, 3);
        Raw.put32(base + LONG_MODE, 1);
    }

    public long gpr(int r) { return Raw.get64(base + GPR + r * 8L); }
    public void gpr(int r, long v) { Raw.put64(base + GPR + r * 8L, v); }
    public long rip() { return Raw.get64(base + RIP); }
    public void rip(long v) { Raw.put64(base + RIP, v); }
    public long flags() { return Raw.get64(base + RFLAGS); }
    public void flags(long v) { Raw.put64(base + RFLAGS, v | FLAGS_FIXED); }
    public int selector(int s) { return Raw.get16(base + SELECTORS + s * 2L); }
    public void selector(int s, int v) { Raw.put16(base + SELECTORS + s * 2L, v); }
    public boolean userMode() { return Raw.get32(base + MODE) != 0; }
    public boolean longMode() { return Raw.get32(base + LONG_MODE) != 0; }
    public long root() { return Raw.get64(base + (userMode() ? USER_ROOT : KERNEL_ROOT)); }
    public long retired() { return Raw.get64(base + RETIRED); }
    public int get32(int offset) { return Raw.get32(base + offset); }
    public void put32(int offset, int v) { Raw.put32(base + offset, v); }
    public long get64(int offset) { return Raw.get64(base + offset); }
    public void put64(int offset, long v) { Raw.put64(base + offset, v); }

    /** Asks the CPU that runs this vCPU to leave the guest soon; any thread. */
    public void attention() { Raw.put32Release(base + ATTENTION, 1); }

    @Override public void close() { area.free(); }
}
