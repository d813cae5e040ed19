package xen.kernel.time;

import xen.kernel.api.hw.Raw;

/**
 * struct pvclock_vcpu_time_info and the wall clock in shared_info: how a guest computes time from RDTSC without asking. A writer makes
 * the version odd, writes, makes it even again; a reader that sees an odd or a changed version reads again.
 */
public final class PvClock {
    public static final int SIZE = 32;
    private static final int VERSION = 0, STAMP = 8, SYSTEM_TIME = 16, MUL = 24, SHIFT = 28, FLAGS = 29;
    private static final int TSC_STABLE = 1;
    private static final long GIGA = 1_000_000_000L;

    private PvClock() {}

    /**
     * Writes the struct at host address {@code at}: machine time {@code nanos} is TSC {@code tsc}.
     *
     * @param stable no other vCPU of the domain can read an older time afterwards: Linux reads the clock in its vDSO then, without a system call
     */
    static void write(long at, MachineClock clock, long tsc, long nanos, boolean stable) {
        int version = Raw.get32(at + VERSION) | 1;
        Raw.put32(at + VERSION, version);
        Raw.fullFence();
        Raw.put64(at + STAMP, tsc);
        Raw.put64(at + SYSTEM_TIME, nanos);
        Raw.put32(at + MUL, clock.pvMul());
        Raw.put8(at + SHIFT, clock.pvShift());
        Raw.put8(at + FLAGS, stable ? TSC_STABLE : 0);
        Raw.fullFence();
        Raw.put32(at + VERSION, version + 1);
    }

    /**
     * Writes wc_version, wc_sec, wc_nsec, wc_sec_hi: the wall-clock time of machine time 0.
     *
     * @param at host address of wc_version; the 32 high bits of the seconds follow wc_nsec in a 64-bit guest
     */
    public static void writeWallClock(long at, MachineClock clock) {
        int version = Raw.get32(at) | 1;
        Raw.put32(at, version);
        Raw.fullFence();
        long seconds = clock.epochNanos() / GIGA;
        Raw.put32(at + 4, (int) seconds);
        Raw.put32(at + 8, (int) (clock.epochNanos() % GIGA));
        Raw.put32(at + 12, (int) (seconds >>> 32));
        Raw.fullFence();
        Raw.put32(at, version + 1);
    }
}
