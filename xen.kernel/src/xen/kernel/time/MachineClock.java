package xen.kernel.time;

import java.math.BigInteger;
import java.util.function.LongSupplier;
import xen.kernel.api.time.TimeMode;

/**
 * The machine's one clock, in two modes. Virtual: a count of cycles that the machine thread advances by what the guests retire; it never
 * looks at the host. Real: the host's monotonic clock since power-on. TSC and nanoseconds are two views of the same count, converted
 * with exact integers, so that guests find pvclock and RDTSC consistent.
 *
 * <p>Virtual mode: {@link #cycles(long)} is called by the machine thread only, whenever it turns to another pCPU or has run guest code;
 * {@link #now} on that thread is the time of the pCPU it works for. Other threads read a recent value.
 */
public final class MachineClock {
    private static final long GIGA = 1_000_000_000L;
    /** Highest announced rate for which the conversions stay within 63 bits. */
    private static final long MAX_HZ = 9_000_000_000L;

    /** Cycles an instruction costs are given in units of 2^-16. */
    public static final int RATE_SHIFT = 16;

    private final TimeMode mode;
    private final long hz;
    private final LongSupplier hostNanos;
    private final long start;
    private final long epochNanos;
    private final int pvShift;
    private final int pvMul;
    private volatile long cycles;
    private int rate = 1 << RATE_SHIFT;

    private MachineClock(TimeMode mode, long hz, LongSupplier hostNanos, long epochNanos) {
        if (hz < 1_000_000 || hz > MAX_HZ) {
            throw new IllegalArgumentException("TSC rate of " + hz + " Hz: 1 MHz to " + MAX_HZ + " Hz are possible");
        }
        this.mode = mode;
        this.hz = hz;
        this.hostNanos = hostNanos;
        this.start = hostNanos.getAsLong();
        this.epochNanos = epochNanos;
        int shift = 0;
        // the multiplier 2^32 * 10^9 / (hz * 2^shift) keeps most digits when its top bit is set
        while (scaled(hz, shift) <= GIGA) {
            shift++;
        }
        while (scaled(hz, shift) > 2 * GIGA) {
            shift--;
        }
        pvShift = shift;
        pvMul = BigInteger.valueOf(GIGA).shiftLeft(32 + Math.max(0, -shift))
                .divide(BigInteger.valueOf(hz).shiftLeft(Math.max(0, shift))).intValue();
    }

    private static long scaled(long hz, int shift) { return shift >= 0 ? hz << shift : hz >> -shift; }

    /** Deterministic time; {@code epochSeconds} is the wall-clock time (UTC) of machine time 0. */
    public static MachineClock virtual(long hz, long epochSeconds) {
        return new MachineClock(TimeMode.VIRTUAL, hz, () -> 0, epochSeconds * GIGA);
    }

    /** Host time. */
    public static MachineClock real(long hz) {
        return real(hz, System::nanoTime, System.currentTimeMillis() * 1_000_000L);
    }

    /** Host time from given sources, for tests. */
    public static MachineClock real(long hz, LongSupplier hostNanos, long epochNanos) {
        return new MachineClock(TimeMode.REAL, hz, hostNanos, epochNanos);
    }

    public boolean isVirtual() { return mode == TimeMode.VIRTUAL; }

    public long hz() { return hz; }

    /** Nanoseconds since power-on. */
    public long now() { return isVirtual() ? nanos(cycles) : hostNanos.getAsLong() - start; }

    /** Wall-clock nanoseconds since 1970 at machine time 0. */
    public long epochNanos() { return epochNanos; }

    /** TSC now. */
    public long tsc() { return isVirtual() ? cycles : tscAt(hostNanos.getAsLong() - start); }

    /** TSC inside a run that has retired this many instructions since it began (CpuCallbacks.tsc). */
    public long tsc(long retiredInRun) { return isVirtual() ? cycles + (retiredInRun * rate >> RATE_SHIFT) : tsc(); }

    /** Nanoseconds of a cycle count, rounded down. */
    public long nanos(long c) {
        return hz == GIGA ? c : c / hz * GIGA + c % hz * GIGA / hz;
    }

    /** Smallest cycle count whose {@link #nanos} is at least {@code ns}. */
    public long cyclesFor(long ns) {
        if (hz == GIGA || ns == Long.MAX_VALUE) {
            return ns;
        }
        long whole = ns / GIGA * hz;
        long rest = ns % GIGA * hz;
        return whole + (rest + GIGA - 1) / GIGA;
    }

    /** Real mode: TSC at machine time {@code ns}. */
    long tscAt(long ns) { return hz == GIGA ? ns : ns / GIGA * hz + ns % GIGA * hz / GIGA; }

    /** Virtual mode: the cycle count. */
    public long cycles() { return cycles; }

    /** Virtual mode, machine thread: sets the count. */
    public void cycles(long value) { cycles = value; }

    /** Virtual mode, machine thread: what an instruction costs in the run that begins, in 2^-16 cycles. */
    public void rate(int value) { rate = value; }

    /** What an instruction costs in this run, in 2^-16 cycles; 0 in real mode. */
    public int rate() { return isVirtual() ? rate : 0; }

    /** pvclock's tsc_shift: with {@link #pvMul} the guest computes ns = ((delta &lt;&lt; shift) * mul) &gt;&gt; 32. */
    public int pvShift() { return pvShift; }

    /** pvclock's tsc_to_system_mul (unsigned 32 bits), rounded down, so that a guest is never ahead of the machine. */
    public int pvMul() { return pvMul; }
}
