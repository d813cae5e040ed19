package xen.kernel.sched;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Collection;
import java.util.Iterator;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.SchedulerHost;

/**
 * The core's own scheduler, in charge while no plugin is: one first-in-first-out queue for all pCPUs of a pool, equal slices, affinity respected;
 * weights and caps are kept by the core but not obeyed. It cannot fail and accepts a {@link #put} of a vCPU that another picked.
 */
final class BypassScheduler implements Scheduler {
    static final long SLICE = 10_000_000L;

    private final ArrayDeque<Vcpu> queue = new ArrayDeque<>();
    /** pCPUs asked to look and not yet here, so that two wake-ups go to two idle pCPUs. */
    private final BitSet asked = new BitSet();
    private SchedulerHost host;
    private int[] pcpus;

    @Override public void start(SchedulerHost h, Collection<? extends Vcpu> runnable) {
        host = h;
        pcpus = h.pcpus();
        queue.clear();
        asked.clear();
        queue.addAll(runnable);
    }

    @Override public void wake(Vcpu vcpu) {
        queue.add(vcpu);
        for (int p : pcpus) {
            if (host.idle(p) && !asked.get(p) && vcpu.mayRunOn(p)) {
                asked.set(p);
                host.kick(p);
                return;
            }
        }
    }

    @Override public void sleep(Vcpu vcpu) { queue.remove(vcpu); }

    @Override public Vcpu pick(int pcpu, long nowNanos) {
        asked.clear(pcpu);
        for (Iterator<Vcpu> i = queue.iterator(); i.hasNext();) {
            Vcpu v = i.next();
            if (v.mayRunOn(pcpu)) {
                i.remove();
                return v;
            }
        }
        return null;
    }

    @Override public long slice(Vcpu vcpu, int pcpu) { return SLICE; }

    @Override public void put(Vcpu vcpu, int pcpu, long ranNanos, boolean stillRunnable, boolean yielded) {
        if (stillRunnable) {
            queue.add(vcpu);
            if (!vcpu.mayRunOn(pcpu)) {
                queue.remove(vcpu);
                wake(vcpu);
            }
        }
    }

    @Override public void changed(Vcpu vcpu) {
        if (queue.remove(vcpu)) {
            wake(vcpu);
        }
    }

    @Override public void stop() {
        queue.clear();
        host = null;
    }
}
