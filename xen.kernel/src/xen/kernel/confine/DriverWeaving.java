package xen.kernel.confine;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.osgi.framework.Bundle;
import org.osgi.framework.hooks.weaving.WeavingException;
import org.osgi.framework.hooks.weaving.WeavingHook;
import org.osgi.framework.hooks.weaving.WovenClass;
import org.osgi.framework.wiring.BundleWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at each class of a driver bundle before it is defined: one that asks for more than a driver has is refused, any other gets its
 * fence. Called by the framework, on whatever thread loads a class.
 */
final class DriverWeaving implements WeavingHook {
    private static final Logger LOG = LoggerFactory.getLogger(DriverWeaving.class);

    private final Bundle self;
    /** Bundles whose classes came by here, each with what is wrong with it, if anything. Weak: an updated bundle's is forgotten. */
    private final Map<BundleWiring, String> seen = Collections.synchronizedMap(new WeakHashMap<>());

    DriverWeaving(Bundle self) { this.self = self; }

    @Override public void weave(WovenClass c) {
        BundleWiring wiring = c.getBundleWiring();
        // first the hook's own classes, which are loaded on the way to an answer
        if (wiring.getBundle() == self || !DriverBundles.is(wiring.getRevision())) {
            return;
        }
        seen.putIfAbsent(wiring, "");
        try {
            ClassFile files = FenceWeaver.files(ClassHierarchyResolver.ofResourceParsing(wiring.getClassLoader()).orElse(ClassHierarchyResolver.defaultResolver()));
            ClassModel model = files.parse(c.getBytes());
            List<String> wrong = Inspection.of(model, n -> own(wiring, n));
            if (!wrong.isEmpty()) {
                throw refused(wiring, c.getClassName() + " " + String.join(", ", wrong));
            }
            c.setBytes(FenceWeaver.weave(files, model));
        } catch (RuntimeException | LinkageError | AssertionError e) {
            // anything but this exception would cost the hook its place
            throw e instanceof WeavingException w ? w : refused(wiring, c.getClassName() + " cannot be checked: " + e);
        }
    }

    private WeavingException refused(BundleWiring wiring, String why) {
        if (seen.put(wiring, why).isEmpty()) {
            LOG.error("driver bundle {} is refused: {}. What drivers may use is in docs/disks.md", wiring.getBundle().getSymbolicName(), why);
        }
        return new WeavingException(why);
    }

    /** Is it a class of the bundle itself? A file of the name of a class that comes from elsewhere makes it none. */
    private static boolean own(BundleWiring wiring, String name) {
        int slash = name.lastIndexOf('/');
        String inPackage = slash < 0 ? "" : name.substring(0, slash).replace('/', '.');
        return !name.startsWith("java/") && !name.startsWith("[") && !DriverRights.PACKAGES.contains(inPackage)
                && wiring.getBundle().getEntry(name + ".class") != null;
    }

    /** Why the driver is not taken; null = it is all right; "" = its classes were there before anybody looked at them. */
    String refusal(Bundle b) {
        String why = seen.get(b.adapt(BundleWiring.class));
        return why == null ? "" : why.isEmpty() ? null : why;
    }
}
