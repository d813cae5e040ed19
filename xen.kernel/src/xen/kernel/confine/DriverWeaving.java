package xen.kernel.confine;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
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
    private static final String FILE = ".class";
    private static final Logger LOG = LoggerFactory.getLogger(DriverWeaving.class);

    private final Bundle self;
    /** Bundles whose classes came by here. Weak: an updated bundle's is forgotten. */
    private final Map<BundleWiring, Looked> seen = Collections.synchronizedMap(new WeakHashMap<>());

    /** What was found out about a bundle. */
    private static final class Looked {
        /** What is wrong with it; empty = nothing so far. */
        String wrong = "";
        /** Of all its classes; null until the first is looked at. */
        BundleCode code;
        final Map<String, byte[]> files = new HashMap<>();
    }

    DriverWeaving(Bundle self) { this.self = self; }

    @Override public void weave(WovenClass c) {
        BundleWiring wiring = c.getBundleWiring();
        // first the hook's own classes, which are loaded on the way to an answer
        if (wiring.getBundle() == self || !DriverBundles.is(wiring.getRevision())) {
            return;
        }
        Looked l = seen.computeIfAbsent(wiring, w -> new Looked());
        synchronized (l) {
            try {
                ClassFile files = FenceWeaver.files(ClassHierarchyResolver.ofResourceParsing(wiring.getClassLoader()).orElse(ClassHierarchyResolver.defaultResolver()));
                ClassModel model = files.parse(c.getBytes());
                List<String> wrong = Inspection.of(model, n -> own(wiring, n));
                if (!wrong.isEmpty()) {
                    throw refused(wiring, l, c.getClassName() + " " + String.join(", ", wrong));
                }
                lookAt(wiring, l);
                if (!Arrays.equals(c.getBytes(), l.files.get(model.thisClass().asInternalName()))) {
                    throw refused(wiring, l, c.getClassName() + " is not what the file of that name at the bundle's root says");
                }
                c.setBytes(FenceWeaver.weave(files, model, l.code));
            } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError | IOException e) {
                // anything but this exception would cost the hook its place
                throw e instanceof WeavingException w ? w : refused(wiring, l, c.getClassName() + " cannot be checked: " + e);
            }
        }
    }

    /** Reads all class files of the bundle, once. */
    private static void lookAt(BundleWiring wiring, Looked l) throws IOException {
        if (l.code != null) {
            return;
        }
        List<ClassModel> models = new ArrayList<>();
        for (URL file : classFiles(wiring)) {
            try (InputStream in = file.openStream()) {
                byte[] bytes = in.readAllBytes();
                ClassModel m = ClassFile.of().parse(bytes);
                String name = m.thisClass().asInternalName();
                if (file.getPath().equals("/" + name + FILE)) {
                    l.files.put(name, bytes);
                    models.add(m);
                }
            }
        }
        l.code = new BundleCode(models);
    }

    private static List<URL> classFiles(BundleWiring wiring) { return wiring.findEntries("/", "*" + FILE, BundleWiring.FINDENTRIES_RECURSE); }

    /** Loads and verifies all classes of the bundle, so that none has to wait for that, or is refused, when it is in use. Runs no code of it. */
    void loadAll(Bundle b) {
        BundleWiring wiring = b.adapt(BundleWiring.class);
        if (wiring == null) {
            return;
        }
        for (URL file : classFiles(wiring)) {
            String path = file.getPath();
            if (path.startsWith("/META-INF/")) {
                continue;
            }
            try {
                // asking for the methods links it
                Class.forName(path.substring(1, path.length() - FILE.length()).replace('/', '.'), false, wiring.getClassLoader()).getDeclaredMethods();
            } catch (ClassNotFoundException | LinkageError | RuntimeException e) {
                Looked l = seen.computeIfAbsent(wiring, w -> new Looked());
                synchronized (l) {
                    if (l.wrong.isEmpty()) {
                        refused(wiring, l, path + " cannot be loaded: " + e);
                    }
                }
                return;
            }
        }
    }

    private static WeavingException refused(BundleWiring wiring, Looked l, String why) {
        if (l.wrong.isEmpty()) {
            l.wrong = why;
            LOG.error("driver bundle {} is refused: {}. What drivers may use is in docs/disks.md", wiring.getBundle().getSymbolicName(), why);
        }
        return new WeavingException(why);
    }

    /** Is it a class of the bundle itself? A file of the name of a class that comes from elsewhere makes it none. */
    private static boolean own(BundleWiring wiring, String name) {
        int slash = name.lastIndexOf('/');
        String inPackage = slash < 0 ? "" : name.substring(0, slash).replace('/', '.');
        return !name.startsWith("java/") && !name.startsWith("[") && !DriverRights.PACKAGES.contains(inPackage)
                && wiring.getBundle().getEntry(name + FILE) != null;
    }

    /** Why the driver is not taken; null = it is all right; "" = its classes were there before anybody looked at them. */
    String refusal(Bundle b) {
        Looked l = seen.get(b.adapt(BundleWiring.class));
        if (l == null) {
            return "";
        }
        synchronized (l) {
            return l.wrong.isEmpty() ? l.code == null ? "" : null : l.wrong;
        }
    }

    /** Does the bundle's code know its depth? */
    boolean straight(Bundle b) {
        Looked l = seen.get(b.adapt(BundleWiring.class));
        if (l == null) {
            return false;
        }
        synchronized (l) {
            return l.code != null && l.code.straight();
        }
    }
}
