package xen.kernel.hypercall;

import xen.kernel.api.hw.VcpuContext;
import xen.kernel.api.hypercall.Hypercall;
import xen.kernel.core.Core;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;

/** One hypercall in progress, or one entry of a multicall. Two a vCPU, reused: a handler must not keep it. */
public final class HypercallFrame extends GuestAccess implements Hypercall {
    private final VcpuImpl vcpu;
    private int number;
    private long a0, a1, a2, a3, a4, a5;

    public HypercallFrame(VcpuImpl vcpu) {
        super(vcpu.context, vcpu.domain.core.memory);
        this.vcpu = vcpu;
    }

    /** Sets up the next call. */
    public void begin(int number, long a0, long a1, long a2, long a3, long a4, long a5) {
        this.number = number;
        this.a0 = a0;
        this.a1 = a1;
        this.a2 = a2;
        this.a3 = a3;
        this.a4 = a4;
        this.a5 = a5;
    }

    @Override public VcpuImpl vcpu() { return vcpu; }

    public DomainImpl domain() { return vcpu.domain; }

    public Core core() { return vcpu.domain.core; }

    /** The pCPU on which the caller runs. */
    public int pcpu() { return vcpu.sched.pcpu(); }

    @Override public int number() { return number; }

    @Override public long arg(int i) {
        return switch (i) {
            case 0 -> a0;
            case 1 -> a1;
            case 2 -> a2;
            case 3 -> a3;
            case 4 -> a4;
            case 5 -> a5;
            default -> throw new IllegalArgumentException("hypercall argument " + i);
        };
    }

    /** True for the guest's own call, false for an entry of a multicall. */
    public boolean outermost() { return this == vcpu.traps.call; }

    /**
     * Makes the guest issue this call again with new first arguments, for long work that is done in pieces: other vCPUs, events and the
     * tool stack get their turn between. Outermost calls only.
     *
     * @return what the handler must return
     */
    public long again(long n0, long n1, long n2) {
        assert outermost() : "a multicall entry cannot be restarted";
        context.gpr(VcpuContext.RDI, n0);
        context.gpr(VcpuContext.RSI, n1);
        context.gpr(VcpuContext.RDX, n2);
        context.rip(context.rip() - 2);
        return number;
    }
}
