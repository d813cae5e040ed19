package xen.kernel.driver;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * Tells a call into a driver that will not come back from one that the host only lets wait. It is asked again and again while a call
 * lasts. A thread that has burnt CPU for long loops; one that sleeps at every look waits for what does not come; one that wants to run and
 * may not is let be, up to a last limit. Host time is used for nothing but this; in virtual time what comes of it has its place at a fixed
 * machine time, see {@link Supervisor#hangs}.
 */
final class Watchdog {
    /** How often a call in virtual time is looked at. */
    static final long SAMPLE_NANOS = 5_000_000;
    private static final int LOOKS = 2;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final DriverInstance instance;
    private final long loop, sleep, last;
    private long seen = -1, since, cpuSince, cpuBefore;
    private int asleep;

    Watchdog(DriverInstance instance, boolean virtual) {
        this.instance = instance;
        loop = virtual ? 250_000_000L : 20_000_000L;
        sleep = virtual ? 500_000_000L : Supervisor.STUCK;
        last = virtual ? 20_000_000_000L : 1_000_000_000L;
    }

    /** Nanoseconds since the call that hangs was first seen. */
    long lasted() { return System.nanoTime() - since; }

    boolean hangs() {
        Thread t = instance.thread;
        long begun = instance.begun();
        if (t == null || instance.inCall() == null || instance.domain.inCore()) {
            seen = -1;
            return false;
        }
        long now = System.nanoTime();
        long cpu = Math.max(0, THREADS.getThreadCpuTime(t.threadId()));
        if (begun != seen) {
            seen = begun;
            since = now;
            cpuSince = cpuBefore = cpu;
            asleep = 0;
            return false;
        }
        boolean sleeps = t.getState() != Thread.State.RUNNABLE && cpu == cpuBefore;
        cpuBefore = cpu;
        asleep = sleeps ? asleep + 1 : 0;
        long lasted = now - since;
        return lasted >= Supervisor.STUCK && cpu - cpuSince >= loop || asleep >= LOOKS && lasted >= sleep || lasted >= last;
    }
}
