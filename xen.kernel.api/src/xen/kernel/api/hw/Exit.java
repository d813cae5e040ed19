package xen.kernel.api.hw;

/** Why {@link Cpu#run} came back. Details are in the context's EXIT_* fields. */
public final class Exit {
    /** The budget is used up; RIP is the next instruction. */
    public static final int BUDGET = 0;
    /** {@link VcpuContext#ATTENTION} was seen (and cleared); RIP is the next instruction. */
    public static final int ATTENTION = 1;
    /** A SYSCALL instruction retired: RIP is behind it; RCX and R11 are untouched (the core sets them as it needs). */
    public static final int SYSCALL = 2;
    /** An exception: EXIT_VECTOR, EXIT_ERROR (error code or 0), EXIT_CR2 for #PF. RIP is the faulting instruction for faults, the next
     *  for traps (#BP, #OF, single-step #DB). The faulting instruction is not counted as retired; a trapping one is. */
    public static final int EXCEPTION = 3;
    /** A privileged or intercepted instruction, not executed: EXIT_OP is a {@link PrivilegedOp}, EXIT_LENGTH its length, EXIT_OPERAND
     *  its operands. RIP is the instruction. The core emulates it and moves RIP on (and counts it with {@code retire}), or injects #GP. */
    public static final int PRIVILEGED = 4;
    /** INT n (not INT3, INTO): EXIT_VECTOR = n, RIP is the instruction, EXIT_LENGTH its length. */
    public static final int SOFTWARE_INTERRUPT = 5;
    /** SYSCALL from compatibility mode; RIP is behind it. SYSENTER is #UD, as on AMD's processors in long mode. */
    public static final int COMPAT_SYSCALL = 6;
    /** A locked access that the host cannot do atomically while other CPUs run (over a page boundary, say): not executed, RIP is the
     *  instruction. The core repeats it by {@link Cpu#stepAlone} with all other CPUs out of their guests. */
    public static final int EXCLUSIVE = 7;

    public static final String[] NAMES = {"budget", "attention", "syscall", "exception", "privileged", "soft-int", "compat-syscall", "exclusive"};

    private Exit() {}
}
