package xen.kernel.confine;

import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.hooks.service.EventListenerHook;
import org.osgi.framework.hooks.service.FindHook;
import org.osgi.framework.hooks.service.ListenerHook.ListenerInfo;
import xen.kernel.api.block.BlockDriver;

/**
 * A driver bundle finds no service. Of its own, others see its driver alone: a service under another name, or one whose properties make
 * it something else too (a shell's commands), is nobody's. Called by the framework, on any thread.
 */
final class DriverServices implements FindHook, EventListenerHook {
    private static final Set<String> PROPERTIES = Set.of("xen.driver.block", "objectClass", "component.name", "component.id");

    @Override public void find(BundleContext context, String name, String filter, boolean all, Collection<ServiceReference<?>> references) {
        boolean driver = DriverBundles.is(context.getBundle());
        references.removeIf(r -> hidden(r, driver));
    }

    @Override public void event(ServiceEvent event, Map<BundleContext, Collection<ListenerInfo>> listeners) {
        ServiceReference<?> r = event.getServiceReference();
        listeners.keySet().removeIf(c -> hidden(r, DriverBundles.is(c.getBundle())));
    }

    private static boolean hidden(ServiceReference<?> r, boolean fromDriver) {
        boolean drivers = DriverBundles.is(r.getBundle());
        return fromDriver ? !drivers : drivers && !isDriver(r);
    }

    /** A driver and nothing else. */
    static boolean isDriver(ServiceReference<?> r) {
        return r.getProperty(Constants.OBJECTCLASS) instanceof String[] names && names.length == 1 && names[0].equals(BlockDriver.class.getName())
                && Arrays.stream(r.getPropertyKeys()).allMatch(k -> PROPERTIES.contains(k) || k.startsWith("service.") || k.startsWith("osgi.ds."));
    }
}
