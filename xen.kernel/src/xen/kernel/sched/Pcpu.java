package xen.kernel.sched;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import xen.kernel.core.VcpuImpl;

/** One pCPU in the dispatcher. Fields without a remark are the driving thread's own. */
final class Pcpu {
    final int id;
    /** The vCPU it runs; read by any thread. */
    volatile VcpuImpl current;
    /** Somebody wants the scheduler to be asked; set by any thread. */
    volatile boolean resched = true;
    /** Machine cycles at the last {@link #resched} of an idle pCPU: it starts no earlier. */
    volatile long kickedAt;
    /** Above 0: must not enter its guest. */
    final AtomicInteger gate = new AtomicInteger();
    /** Inside {@code Cpu.run}. */
    volatile boolean inGuest;
    /** Inside {@code Cpu.run}, in a callback that waits for the core's lock. */
    volatile boolean waitsInRun;
    /** The host thread that drives it, or null. */
    volatile Thread thread;
    /** Ends its sleep. */
    final Runnable wake = () -> LockSupport.unpark(thread);
    /** Virtual mode: its own time. */
    long cycles;
    /** Part of a cycle, in 2^-16, that instructions cost beyond {@link #cycles}. */
    long fraction;
    /** The vCPU it had last, whose state its caches hold. */
    VcpuImpl last;
    /** Machine time at which the scheduler is asked again. */
    long sliceEnd;
    /** Virtual mode: the same in cycles. */
    long sliceEndCycles;

    Pcpu(int id) { this.id = id; }
}
