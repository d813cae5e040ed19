package xen.kernel.confine;

import java.util.Set;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;

/** Which bundles are drivers', and what a wire of theirs may lead to. */
final class DriverBundles {
    /** A bundle that provides it wants to be a driver: its value says of what. */
    static final String NAMESPACE = "xen.driver";
    private static final String EXTENDER = "osgi.extender", ENVIRONMENT = "osgi.ee";

    private DriverBundles() {}

    static boolean is(BundleRevision r) { return r != null && !r.getDeclaredCapabilities(NAMESPACE).isEmpty(); }

    /** False for one that is uninstalled. */
    static boolean is(Bundle b) { return b != null && is(b.adapt(BundleRevision.class)); }

    /** May a driver bundle be wired to that? Its packages, the environment, and Declarative Services, which make its service. */
    static boolean mayWire(String namespace, Object value) {
        return switch (namespace) {
            case PackageNamespace.PACKAGE_NAMESPACE -> value instanceof String p && (p.startsWith("java.") || DriverRights.PACKAGES.contains(p));
            case EXTENDER -> "osgi.component".equals(value);
            case ENVIRONMENT -> true;
            // neither another bundle whole, nor as a part of it, nor what else it offers
            default -> false;
        };
    }

    /** What a bundle that was resolved before anybody looked is wired to and may not be. */
    static Set<String> wrongWires(BundleWiring w) {
        return w.getRequiredWires(null).stream().filter(x -> !mayWire(x)).map(x -> String.valueOf(value(x))).collect(Collectors.toSet());
    }

    private static boolean mayWire(BundleWire x) { return mayWire(x.getCapability().getNamespace(), value(x)); }

    private static Object value(BundleWire x) { return x.getCapability().getAttributes().get(x.getCapability().getNamespace()); }
}
