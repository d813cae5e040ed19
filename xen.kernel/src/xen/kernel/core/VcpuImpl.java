package xen.kernel.core;

import xen.kernel.api.domain.RunState;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.event.VcpuInfo;
import xen.kernel.mm.DescriptorTables;
import xen.kernel.sched.SchedState;
import xen.kernel.time.VcpuTime;
import xen.kernel.trap.TrapState;

/** A vCPU in the core: its registers and one part object a subject. */
public final class VcpuImpl implements Vcpu {
    public final DomainImpl domain;
    public final VcpuContext context = new VcpuContext();
    /** Where vcpu_info lives and what it says. */
    public final VcpuInfo info;
    /** Trap table, callbacks, stacks, descriptor tables, virtual control registers. */
    public final TrapState traps;
    /** pvclock area, timers, runstate accounting. */
    public final VcpuTime time;
    /** GDT frames and LDT. */
    public final DescriptorTables descriptors;
    /** Runnability, parameters, place. */
    public final SchedState sched;
    private final int id;

    VcpuImpl(DomainImpl domain, int id) {
        this.domain = domain;
        this.id = id;
        // not at the domain's end: reports and plugins may still read the registers of a vCPU that is gone
        Core.CLEANER.register(this, context::close);
        info = new VcpuInfo(this);
        traps = new TrapState(this);
        descriptors = new DescriptorTables(this);
        time = new VcpuTime(this);
        sched = new SchedState(this);
    }

    @Override public DomainImpl domain() { return domain; }
    @Override public int id() { return id; }
    @Override public RunState runState() { return time.state(); }
    @Override public boolean runnable() { return sched.runnable(); }
    @Override public int lastPcpu() { return sched.lastPcpu(); }
    @Override public int weight() { return sched.weight(); }
    @Override public int cap() { return sched.cap(); }
    @Override public boolean mayRunOn(int pcpu) { return sched.mayRunOn(pcpu); }
    @Override public long capUsed() { return sched.capUsed(domain.core.clock.now()); }
    @Override public int gang() { return sched.gang(); }
    @Override public long nanosIn(RunState state) { return time.nanosIn(state); }
    @Override public long cpuNanos() { return time.runningNanos(); }
    @Override public VcpuContext context() { return context; }
    @Override public String toString() { return domain + "v" + id; }
}
