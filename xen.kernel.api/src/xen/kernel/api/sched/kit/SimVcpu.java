package xen.kernel.api.sched.kit;

import java.util.BitSet;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.RunState;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.hw.VcpuContext;

/** A vCPU of the simulation: computes for {@link #burst}, sleeps for {@link #pause}, and again; a burst of 0 never ends. */
public final class SimVcpu implements Vcpu {
    public final String name;
    public int weight = 256;
    public int cap;
    /** Gang, 0 = none. */
    public int gang;
    /** null = everywhere. */
    public BitSet affinity;
    public long burst;
    public long pause;
    boolean runnable;
    boolean queued;
    int pcpu = -1;
    int lastPcpu = -1;
    long ran;
    long left;
    long queuedAt;

    SimVcpu(String name) { this.name = name; }

    private long capPeriod;
    private long capUsed;
    /** Machine time, for {@link #capUsed}. */
    java.util.function.LongSupplier clock = () -> 0;
    /** Counts what schedulers ask of vCPUs. */
    long[] questions = new long[1];
    /** pCPUs of its pool. */
    java.util.function.Supplier<BitSet> pool = BitSet::new;

    void charge(long nanos) { capUsed = capUsed() + nanos; }

    @Override public long capUsed() {
        long p = clock.getAsLong() / CAP_PERIOD;
        if (p > capPeriod) {
            capUsed = cap == 0 ? 0 : Math.max(0, capUsed - (p - capPeriod) * (CAP_PERIOD / 100 * cap));
            capPeriod = p;
        }
        return capUsed;
    }

    /** From here on, also in the burst that it is in, it does not end. */
    public void computeForEver() {
        burst = 0;
        left = Long.MAX_VALUE;
    }

    /** Nanoseconds it ran. */
    public long ran() { return ran; }

    @Override public Domain domain() { return null; }
    @Override public int id() { return 0; }

    @Override public RunState runState() {
        return pcpu >= 0 ? RunState.RUNNING : runnable ? RunState.RUNNABLE : RunState.BLOCKED;
    }

    @Override public boolean runnable() { return runnable; }
    @Override public int lastPcpu() {
        questions[0]++;
        return lastPcpu;
    }

    @Override public int weight() {
        questions[0]++;
        return weight;
    }

    @Override public int cap() {
        questions[0]++;
        return cap;
    }

    @Override public int gang() { return gang; }
    /** An affinity that leaves nothing of the pool is set aside, as the core does. */
    @Override public boolean mayRunOn(int p) {
        questions[0]++;
        return allowed(p);
    }

    boolean allowed(int p) {
        BitSet all = pool.get();
        return all.get(p) && (affinity == null || affinity.get(p) || !affinity.intersects(all));
    }

    @Override public long cpuNanos() { return ran; }
    @Override public VcpuContext context() { return null; }
    @Override public String toString() { return name; }
}
