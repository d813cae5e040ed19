package xen.kernel.trap;

import xen.kernel.core.Core;
import xen.kernel.core.VcpuImpl;

/** Everything after {@code Cpu.run} returned: called by the pCPU loop with the core's lock held. */
public final class ExitHandler {
    private final Core core;

    public ExitHandler(Core core) { this.core = core; }

    /** Handles one exit and delivers a pending event upcall. Afterwards the vCPU may have blocked or its domain may have shut down. */
    public void handle(VcpuImpl v, int pcpu, int exit) {
        v.traps.call.bind(core.cpu(pcpu));
        v.traps.multicall.bind(core.cpu(pcpu));
    }

    /** The vCPU is about to enter the guest on {@code pcpu} (just scheduled, or an event came): binds its frames, delivers an upcall. */
    public void resume(VcpuImpl v, int pcpu) {
        v.traps.call.bind(core.cpu(pcpu));
        v.traps.multicall.bind(core.cpu(pcpu));
    }
}
