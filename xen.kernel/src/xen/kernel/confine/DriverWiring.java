package xen.kernel.confine;

import java.util.Collection;
import org.osgi.framework.hooks.resolver.ResolverHook;
import org.osgi.framework.hooks.resolver.ResolverHookFactory;
import org.osgi.framework.namespace.HostNamespace;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;

/** A driver bundle resolves to what it may have and to nothing else; no fragment becomes part of it. Called by the framework, on any thread. */
final class DriverWiring implements ResolverHookFactory, ResolverHook {
    @Override public ResolverHook begin(Collection<BundleRevision> triggers) { return this; }

    @Override public void filterMatches(BundleRequirement r, Collection<BundleCapability> candidates) {
        String namespace = r.getNamespace();
        if (DriverBundles.is(r.getRevision())) {
            candidates.removeIf(c -> c.getRevision() != r.getRevision() && !DriverBundles.mayWire(namespace, c.getAttributes().get(namespace)));
        } else if (namespace.equals(HostNamespace.HOST_NAMESPACE)) {
            candidates.removeIf(c -> DriverBundles.is(c.getRevision()));
        }
    }

    @Override public void filterResolvable(Collection<BundleRevision> candidates) {}
    @Override public void filterSingletonCollisions(BundleCapability singleton, Collection<BundleCapability> others) {}
    @Override public void end() {}
}
