package xen.kernel.api.hw;

/**
 * Instructions that ring 3 may not execute, or whose answer is the core's business. EXIT_OP holds the ordinal. EXIT_OPERAND packs
 * {@code reg | crOrPort << 8 | size << 24}: the general register, the control/debug register or immediate port, the size in bytes.
 */
public enum PrivilegedOp {
    /** Always intercepted, so that the announced CPU is the core's policy; leaf in EAX, subleaf in ECX. */
    CPUID,
    RDMSR, WRMSR, CLI, STI, HLT, CLTS, INVLPG, WBINVD, INVD, LGDT, LIDT, LLDT, LTR, LMSW, SWAPGS, SYSRET, SYSEXIT, RDPMC, XSETBV, MONITOR, MWAIT,
    /** reg = general register, crOrPort = control or debug register number. */
    READ_CR, WRITE_CR, READ_DR, WRITE_DR,
    /** crOrPort = immediate port, or 0xffff when the port is in DX; size 1, 2, 4. */
    IN, OUT,
    /** String I/O: one iteration is never done; the core answers #GP. */
    INS, OUTS,
    /** Any other CPL-0 instruction: the core injects #GP(0). */
    OTHER;

    private static final PrivilegedOp[] ALL = values();

    public static PrivilegedOp of(int ordinal) { return ALL[ordinal]; }
}
