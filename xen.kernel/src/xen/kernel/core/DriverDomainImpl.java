package xen.kernel.core;

import java.util.function.Function;
import xen.kernel.api.control.DriverDomain;
import xen.kernel.api.control.GrantBatch;
import xen.kernel.api.control.GrantMapping;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.event.EventPort;
import xen.kernel.api.hypercall.Errno;

/** A driver domain of one power-on: its id is what grants and unbound ports of front ends are checked against. */
record DriverDomainImpl(Core core, int domid, String name) implements DriverDomain {
    private <T> T on(int front, Function<DomainImpl, T> action) {
        core.lock.lock();
        try {
            DomainImpl d = core.domain(front);
            if (d == null) {
                throw new HypervisorException(Errno.ESRCH, "there is no domain " + front);
            }
            return action.apply(d);
        } finally {
            core.lock.unlock();
        }
    }

    @Override public GrantMapping mapGrant(int front, int ref, boolean readOnly) { return on(front, d -> d.grants.mapGrant(domid, ref, readOnly)); }

    @Override public GrantBatch grantBatch(int front, int most) { return on(front, d -> d.grants.batch(domid, most)); }

    @Override public EventPort bindInterdomain(int front, int remotePort, Runnable onEvent) {
        return on(front, d -> core.dom0.bindInterdomain(domid, d, remotePort, onEvent));
    }
}
