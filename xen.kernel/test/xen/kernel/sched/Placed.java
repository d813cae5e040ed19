package xen.kernel.sched;

import xen.kernel.core.VcpuImpl;

/** Says where a vCPU ran last, for tests in which nothing runs. */
public final class Placed {
    private Placed() {}

    public static void on(VcpuImpl v, int pcpu) {
        v.sched.lastPcpu = pcpu;
        v.domain.memory.markDirty(pcpu);
    }
}
