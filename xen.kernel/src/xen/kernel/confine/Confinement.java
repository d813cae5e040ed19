package xen.kernel.confine;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.hooks.resolver.ResolverHookFactory;
import org.osgi.framework.hooks.service.EventListenerHook;
import org.osgi.framework.hooks.service.FindHook;
import org.osgi.framework.hooks.weaving.WeavingHook;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import xen.kernel.driver.DriverGate;

/** Brings the hooks into the framework and, as the core's {@link DriverGate}, lets in only drivers that went through them. See the package. */
@Component
public final class Confinement implements DriverGate {
    private static final Logger LOG = LoggerFactory.getLogger(Confinement.class);

    private final BundleContext context;
    private final DriverWeaving weaving;
    private final List<ServiceRegistration<?>> hooks;

    @Activate public Confinement(BundleContext context) {
        this.context = context;
        weaving = new DriverWeaving(context.getBundle());
        DriverServices services = new DriverServices();
        hooks = List.of(context.registerService(ResolverHookFactory.class, new DriverWiring(), null), context.registerService(WeavingHook.class, weaving, null),
                context.registerService(FindHook.class, services, null), context.registerService(EventListenerHook.class, services, null));
        Stream.of(context.getBundles()).filter(DriverBundles::is).forEach(this::resolvedAlready);
    }

    @Deactivate void deactivate() { hooks.forEach(ServiceRegistration::unregister); }

    /** One that has more than it would get now is resolved again. */
    private void resolvedAlready(Bundle b) {
        BundleWiring w = b.adapt(BundleWiring.class);
        Set<String> wrong = w == null ? Set.of() : DriverBundles.wrongWires(w);
        if (!wrong.isEmpty()) {
            LOG.warn("driver bundle {} was resolved before drivers were confined, to {}: it is resolved again, without", b.getSymbolicName(), wrong);
            refresh(b);
        }
    }

    private void refresh(Bundle b) { context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class).refreshBundles(List.of(b)); }

    @Override public String refusal(Bundle b) {
        if (!DriverBundles.is(b)) {
            return "its bundle does not say that it is a driver's: Provide-Capability: " + DriverBundles.NAMESPACE + ";" + DriverBundles.NAMESPACE + "=block";
        }
        weaving.loadAll(b);
        String why = weaving.refusal(b);
        if (why != null && why.isEmpty()) {
            refresh(b);
            return "its classes were loaded before drivers were confined: it is loaded again";
        }
        return why;
    }

    @Override public boolean straight(Bundle b) { return weaving.straight(b); }
}
