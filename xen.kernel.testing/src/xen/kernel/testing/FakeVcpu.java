package xen.kernel.testing;

import java.util.BitSet;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.RunState;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.hw.VcpuContext;

/** A vCPU that never runs; tests set what it shows. */
public final class FakeVcpu implements Vcpu {
    public RunState runState = RunState.BLOCKED;
    public int lastPcpu = -1;
    public int weight = 256;
    public int cap;
    /** null = everywhere. */
    public BitSet affinity;
    public long cpuNanos;
    private final Domain domain;
    private final int id;
    private final VcpuContext context = new VcpuContext();

    FakeVcpu(Domain domain, int id) {
        this.domain = domain;
        this.id = id;
    }

    @Override public Domain domain() { return domain; }
    @Override public int id() { return id; }
    @Override public RunState runState() { return runState; }
    @Override public boolean runnable() { return runState == RunState.RUNNING || runState == RunState.RUNNABLE; }
    @Override public int lastPcpu() { return lastPcpu; }
    @Override public int weight() { return weight; }
    @Override public int cap() { return cap; }
    @Override public boolean mayRunOn(int pcpu) { return affinity == null || affinity.get(pcpu); }
    @Override public long cpuNanos() { return cpuNanos; }
    @Override public VcpuContext context() { return context; }
}
