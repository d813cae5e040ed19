package xen.kernel.event;

import xen.kernel.api.event.EventPort;
import xen.kernel.core.Core;
import xen.kernel.core.DomainImpl;

/** Stub: domain 0's event channels, whose ends are Java callbacks. */
public final class Dom0Ports {
    public Dom0Ports(Core core) { }

    /** A port of {@code d} that domain 0 may bind to. */
    public int allocUnbound(DomainImpl d) { return 1; }

    /** Binds to an unbound port of {@code d}; HypervisorException EINVAL when it is none. */
    public EventPort bindInterdomain(DomainImpl d, int remotePort, Runnable onEvent) { return null; }
}
