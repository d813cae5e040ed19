package xen.kernel.sched;

import java.util.BitSet;
import java.util.concurrent.locks.LockSupport;
import xen.kernel.core.CoreLock;
import xen.kernel.core.VcpuImpl;

/**
 * Keeps pCPUs out of their guests. To enter, a pCPU first says so ({@code inGuest}) and then looks at its gate; whoever closes a gate
 * first closes it and then looks at {@code inGuest}: so after a wait for {@code !inGuest} no guest code runs there until the gate opens.
 * Then the closer takes the core's lock, hence no exit is handled either: every pCPU is between two instructions. A closer that has the
 * lock already (a flush inside a hypercall) also accepts a pCPU that waits for that lock in a callback from its run.
 */
final class Gates {
    /** How long a closer sleeps before it asks a guest again to leave. */
    private static final long ASK_AGAIN_NANOS = 200_000;

    private final CoreLock lock;
    private final Pcpu[] pcpus;
    private volatile Thread closer;

    Gates(CoreLock lock, Pcpu[] pcpus) {
        this.lock = lock;
        this.pcpus = pcpus;
    }

    /** Runs {@code action} with the pCPUs of {@code mask} out of their guests and the core's lock held; any thread. */
    void closed(BitSet mask, Runnable action) {
        Thread outer = closer;
        closer = Thread.currentThread();
        mask.stream().forEach(p -> pcpus[p].gate.incrementAndGet());
        try {
            mask.stream().forEach(p -> awaitOut(pcpus[p]));
            boolean outermost = !lock.isHeldByCurrentThread();
            lock.lock();
            try {
                if (outermost) {
                    lock.works(CoreLock.QUIESCED);
                }
                action.run();
            } finally {
                lock.unlock();
            }
        } finally {
            closer = outer;
            mask.stream().forEach(p -> {
                pcpus[p].gate.decrementAndGet();
                LockSupport.unpark(pcpus[p].thread);
            });
        }
    }

    private void awaitOut(Pcpu p) {
        boolean holder = lock.isHeldByCurrentThread();
        while (p.inGuest && p.thread != Thread.currentThread() && !(holder && p.waitsInRun)) {
            VcpuImpl v = p.current;
            if (v != null) {
                v.context.attention();
            }
            LockSupport.parkNanos(this, ASK_AGAIN_NANOS);
        }
    }

    /** {@code p} announces a run. @return false when its gate is closed; then {@link #leave} and {@link #await} follow */
    boolean enter(Pcpu p) {
        p.inGuest = true;
        return p.gate.get() == 0;
    }

    void leave(Pcpu p) {
        p.inGuest = false;
        if (p.gate.get() > 0) {
            LockSupport.unpark(closer);
        }
    }

    /** Waits until the gate is open. */
    void await(Pcpu p) {
        while (p.gate.get() > 0) {
            LockSupport.park(this);
        }
    }

    /** Takes the core's lock in a callback from {@code Cpu.run}: then a holder that waits for this pCPU to leave its guest goes on. */
    void lockInRun() {
        if (lock.tryLock()) {
            return;
        }
        Pcpu mine = null;
        for (Pcpu p : pcpus) {
            if (p.inGuest && p.thread == Thread.currentThread()) {
                mine = p;
            }
        }
        if (mine != null) {
            mine.waitsInRun = true;
            LockSupport.unpark(closer);
        }
        lock.lock();
        if (mine != null) {
            mine.waitsInRun = false;
        }
    }
}
