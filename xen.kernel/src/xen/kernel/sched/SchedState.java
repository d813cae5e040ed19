package xen.kernel.sched;

import java.util.BitSet;
import xen.kernel.core.VcpuImpl;

/**
 * A vCPU's scheduling side: the parameters that survive every swap, why it may not run, and where it runs.
 */
public final class SchedState {
    private final VcpuImpl v;
    private volatile boolean up;
    private volatile boolean blocked;
    private volatile int weight = 256;
    private volatile int cap;
    private volatile BitSet affinity;
    private volatile int pcpu = -1;
    private volatile int lastPcpu = -1;

    public SchedState(VcpuImpl v) { this.v = v; }

    public boolean runnable() { return up && !blocked && v.domain().live(); }

    /** pCPU that runs it now, or -1. */
    public int pcpu() { return pcpu; }
    public int lastPcpu() { return lastPcpu; }
    public int weight() { return weight; }
    public int cap() { return cap; }
    public boolean mayRunOn(int p) { return affinity == null || affinity.get(p); }
    public boolean up() { return up; }
    public boolean blocked() { return blocked; }

    /** VCPUOP_up / down (and the builder for vCPU 0). */
    public void up(boolean value) { up = value; }

    /** Ends a block or poll, if any. */
    public void unblock() { blocked = false; }

    /** To be called when something changed that {@link #runnable} depends on outside this class (the domain's state). */
    public void refresh() { }

    public void parameters(int weight, int cap) { }

    /** Hard affinity; null = everywhere. */
    public void affinity(BitSet pcpus) { }

    /** Makes the pCPU that runs it leave the guest soon; nothing when it does not run. */
    public void kick() { }

    /** The domain goes. */
    public void dispose() { }
}
