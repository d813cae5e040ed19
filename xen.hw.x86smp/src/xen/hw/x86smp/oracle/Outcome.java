package xen.hw.x86smp.oracle;

/**
 * How a case ended, and all that it can have changed. Reused between cases; not thread-safe.
 */
final class Outcome {
    /** Values of {@link #vector} that are not an exception's. */
    public static final int EXIT = -1, SYSCALL = -2, TIMEOUT = -3;

    /** Exception vector that ended the case, or {@link #EXIT}: it ran to its end. */
    public int vector;
    /** Error code of the exception, 0 where it has none. */
    public long error;
    /** Faulting address; valid for vector 14 only, else 0. */
    public long cr2;
    public final CpuState state = new CpuState();
    public final byte[] data = new byte[Sandbox.DATA_SIZE];

    /** In the SDM's words. */
    public String describe() {
        return switch (vector) {
            case EXIT -> "completed";
            case SYSCALL -> "system call";
            case TIMEOUT -> "did not end";
            case 14 -> "#PF error %x at %x, rip %x".formatted(error, cr2, state.rip);
            default -> "%s error %x, rip %x".formatted(vectorName(vector), error, state.rip);
        };
    }

    static String vectorName(int v) {
        return switch (v) {
            case 0 -> "#DE";
            case 1 -> "#DB";
            case 3 -> "#BP";
            case 4 -> "#OF";
            case 5 -> "#BR";
            case 6 -> "#UD";
            case 7 -> "#NM";
            case 11 -> "#NP";
            case 12 -> "#SS";
            case 13 -> "#GP";
            case 14 -> "#PF";
            case 16 -> "#MF";
            case 17 -> "#AC";
            case 19 -> "#XM";
            default -> "vector " + v;
        };
    }
}
