package xen.kernel.mm;

import xen.kernel.core.VcpuImpl;

/** One vCPU's GDT frames and LDT. */
public final class DescriptorTables {
    private final VcpuImpl vcpu;

    public DescriptorTables(VcpuImpl vcpu) { this.vcpu = vcpu; }

    /** Raw descriptor behind a selector (guest tables, Xen's flat ring-3 entries), 0 when there is none. For CpuCallbacks.descriptor. */
    public long lookup(int selector) { return 0; }

    /** Installs GDT frames (set_gdt, VCPUOP_initialise): 0 or -errno. */
    public int setGdt(long[] mfns, int entries) { return 0; }

    /** Drops GDT and LDT (vCPU reset, domain death). */
    public void release() {}
}
