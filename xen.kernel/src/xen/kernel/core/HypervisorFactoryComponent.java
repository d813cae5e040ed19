package xen.kernel.core;

import org.osgi.service.component.annotations.Component;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.HypervisorFactory;
import xen.kernel.api.hw.Machine;

/** Private hypervisors; nothing of them is shared with the service or with each other. */
@Component
public final class HypervisorFactoryComponent implements HypervisorFactory {
    @Override public Hypervisor create(Machine machine) {
        HypervisorImpl h = new HypervisorImpl();
        h.plugins.add(machine.name(), machine);
        return h;
    }
}
