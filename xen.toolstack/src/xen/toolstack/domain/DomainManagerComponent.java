package xen.toolstack.domain;

import java.util.Hashtable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import xen.kernel.api.control.Hypervisor;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.XenStore;

/** Makes the manager when the core is there and offers it and its xenstore as services. */
@Component(service = {}, immediate = true)
public final class DomainManagerComponent {
    private final DomainManagerImpl manager;
    private final ServiceRegistration<?> managerService;
    private final ServiceRegistration<?> storeService;

    @Activate public DomainManagerComponent(BundleContext context, @Reference Hypervisor hypervisor) {
        manager = new DomainManagerImpl(hypervisor);
        managerService = context.registerService(DomainManager.class, manager, new Hashtable<>());
        storeService = context.registerService(XenStore.class, manager.store(), new Hashtable<>());
    }

    @Deactivate public void deactivate() {
        managerService.unregister();
        storeService.unregister();
        manager.close();
    }
}
