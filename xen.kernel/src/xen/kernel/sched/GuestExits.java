package xen.kernel.sched;

import xen.kernel.core.VcpuImpl;

/** What the loops call around guest code, with the core's lock held: {@code xen.kernel.trap.ExitHandler}, or a test's script. */
interface GuestExits {
    /** {@code Cpu.run} returned {@code exit}. */
    void handle(VcpuImpl v, int pcpu, int exit);

    /** The vCPU is about to enter its guest after it was scheduled or an event came. */
    void resume(VcpuImpl v, int pcpu);
}
