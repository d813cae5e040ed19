package xen.kernel.sched;

import xen.kernel.api.domain.RunState;
import xen.kernel.core.VcpuImpl;

/**
 * Which vCPU runs on which pCPU, and the steps of a decision: the present vCPU goes back to the pool it belongs to, the pCPU's pool is
 * asked for the next. A vCPU remembers who picked it ({@link SchedState#pickedBy}, a number that no two starts of a scheduler share): if
 * that scheduler is still in charge it hears of the end of the run by {@code put}, else its successor by {@code wake}.
 *
 * <p>On the thread of the pCPU, with the core's lock held; the pools' lock is taken.
 */
final class Switcher {
    private final SchedulerPools pools;
    private final VcpuImpl[] current;
    private final long[] since;
    private volatile long switches;

    Switcher(SchedulerPools pools, int pcpus) {
        this.pools = pools;
        current = new VcpuImpl[pcpus];
        since = new long[pcpus];
    }

    /** Times that a pCPU changed from one vCPU to another or to idle. */
    long switches() { return switches; }

    /** The vCPU on {@code pcpu}, or null. */
    VcpuImpl at(int pcpu) { return current[pcpu]; }

    /** Takes the present vCPU from {@code pcpu} back and gives the next, or null for idle. */
    VcpuImpl choose(int pcpu, long now) {
        pools.lock.lock();
        try {
            VcpuImpl old = current[pcpu];
            if (old != null) {
                putBack(old, pcpu, now);
            }
            SchedulerPool pool = pools.of(pcpu);
            VcpuImpl next = pool == null ? null : pool.pick(pcpu, now);
            current[pcpu] = next;
            if (next != old) {
                switches++;
            }
            if (next != null) {
                SchedState s = next.sched;
                s.pcpu = pcpu;
                s.cameFrom = s.lastPcpu;
                s.lastPcpu = pcpu;
                s.pickedIn = pool;
                s.pickedBy = pool.generation();
                since[pcpu] = now;
                next.time.enter(RunState.RUNNING, now);
            }
            return next;
        } finally {
            pools.lock.unlock();
        }
    }

    /** How long what was just chosen may run. */
    long slice(VcpuImpl v, int pcpu) {
        pools.lock.lock();
        try {
            SchedulerPool p = v.sched.pickedIn;
            return v.sched.pickedBy == p.generation() ? p.slice(v, pcpu) : BypassScheduler.SLICE;
        } finally {
            pools.lock.unlock();
        }
    }

    /** Takes the present vCPU from the pCPU without choosing another (the pCPU stops). */
    VcpuImpl release(int pcpu, long now) {
        pools.lock.lock();
        try {
            VcpuImpl old = current[pcpu];
            if (old != null) {
                putBack(old, pcpu, now);
            }
            return old;
        } finally {
            pools.lock.unlock();
        }
    }

    /** Since when the pCPU has what it runs. */
    long since(int pcpu) { return since[pcpu]; }

    /** A vCPU of a restored domain runs, as it did; as after a swap its scheduler hears of it when it stops. */
    void adopt(VcpuImpl v, int pcpu, long from) {
        pools.lock.lock();
        try {
            current[pcpu] = v;
            since[pcpu] = from;
            v.sched.pcpu = pcpu;
            v.sched.lastPcpu = pcpu;
            v.sched.pickedIn = v.domain.pool();
            // no scheduler ever has that number
            v.sched.pickedBy = Long.MIN_VALUE;
        } finally {
            pools.lock.unlock();
        }
    }

    private void putBack(VcpuImpl v, int pcpu, long now) {
        SchedState s = v.sched;
        SchedulerPool home = v.domain.pool();
        SchedulerPool picker = s.pickedIn;
        boolean runnable = s.runnable();
        boolean yielded = s.yielded;
        s.yielded = false;
        s.pcpu = -1;
        current[pcpu] = null;
        if (runnable) {
            home.enqueue(v);
        }
        v.time.enter(runnable ? RunState.RUNNABLE : s.restState(), now);
        long ran = Math.max(0, now - since[pcpu]);
        s.charge(ran, now);
        boolean known = s.pickedBy == picker.generation();
        boolean stays = runnable && picker == home;
        if (known) {
            // to the one that it leaves for another pool it looks as if it slept
            picker.put(v, pcpu, ran, stays, yielded);
        }
        if (runnable && !(known && stays)) {
            home.wake(v);
        }
    }
}
