package xen.kernel.event;

import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;

/** A domain's event channels in the 2-level form. */
public final class EventChannels {
    private final DomainImpl d;

    public EventChannels(DomainImpl d) { this.d = d; }

    /** Raises a virtual interrupt (VIRQ_*) bound by the vCPU; ignored when it is not bound. */
    public void raiseVirq(VcpuImpl v, int virq) { }

    /** The domain goes: closes every port. */
    public void dispose() { }
}
