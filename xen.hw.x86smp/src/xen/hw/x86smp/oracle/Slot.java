package xen.hw.x86smp.oracle;

/**
 * Layout of the memory that the JVM and the silicon server share: one header with what stays
 * mapped in the sandbox, then a slot for each case of a batch. All values little endian.
 *
 * <p>The register block has the order of Linux's {@code struct sigcontext}, so that the server's
 * signal handler copies it in one piece.
 */
final class Slot {
    /** Header: the sandbox's pages, at these file offsets. */
    static final int CODE_AT = 0x1000, DATA_AT = 0x2000, READ_ONLY_AT = 0x4000, SLOTS_AT = 0x5000;

    /** Slot: the state before, after, the code window, data before and after. */
    static final int IN = 0, OUT = 0x400, WINDOW = 0x800, DATA_IN = 0x1000, DATA_OUT = 0x3000, SIZE = 0x5000;

    /** Register block: general registers in {@link #GPR_ORDER}, then these. */
    static final int RSP = 120, RIP = 128, FLAGS = 136, ERROR = 152, TRAP = 160, CR2 = 176;
    static final int BLOCK = 184;
    /** Results beside the block. */
    static final int SIGNAL = 184;
    /** Inputs beside the block: the window's offset in the code page, and CS. */
    static final int WINDOW_OFFSET = 208, CS = 216;
    /** Upper halves of YMM0-15, and the image of FXSAVE64. */
    static final int YMM_HIGH = 0x100, FX = 0x200, STATE_SIZE = 0x400;

    /** Encoding numbers of the general registers in the block: R8-R15, RDI, RSI, RBP, RBX, RDX, RAX, RCX, RSP. */
    static final int[] GPR_ORDER = {8, 9, 10, 11, 12, 13, 14, 15, 7, 6, 5, 3, 2, 0, 1, 4};

    private Slot() {
    }
}
