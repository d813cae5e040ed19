package xen.cpu.nativecode;

import java.nio.file.Path;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import xen.hw.x86smp.engine.Engine;
import xen.hw.x86smp.engine.Translator;

/** The engine {@code native}: host code on x86-64 Linux. */
@Component(property = "xen.engine=native")
public final class NativeEngine implements Engine {
    private static final long CODE_BYTES = 64 << 20;
    private static final int THRESHOLD = 3;

    private final int threshold;
    private final Path folder;
    private final long build;

    /** Keeps nothing. */
    public NativeEngine() { this(THRESHOLD, null, 0); }

    @Activate public NativeEngine(BundleContext context) {
        this(Integer.getInteger("xen.native.threshold", THRESHOLD), folder(System.getenv()), BuildId.read(context.getBundle()));
    }

    /**
     * @param threshold executions of a block in tier 0 before it is translated
     * @param folder where translations are kept from run to run, or null
     * @param build identifies the emitter among the files there, 0 = it cannot be
     */
    NativeEngine(int threshold, Path folder, long build) {
        this.threshold = threshold;
        this.folder = folder;
        this.build = build;
    }

    /** {@code XEN_CODE_CACHE} names the folder or is {@code off}; else {@code xen-java/code} in the user's cache folder. */
    static Path folder(Map<String, String> environment) {
        String own = environment.getOrDefault("XEN_CODE_CACHE", "");
        if (own.equals("off")) {
            return null;
        }
        if (!own.isEmpty()) {
            return Path.of(own).toAbsolutePath();
        }
        String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        return (xdg.startsWith("/") ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".cache")).resolve("xen-java").resolve("code");
    }

    @Override public String name() { return "native"; }

    @Override public Translator attach() throws UnavailableException {
        String host = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        if (!host.equals("Linux amd64")) {
            throw new UnavailableException("engine native emits x86-64 code for Linux, this host is " + host);
        }
        HostFeatures features = HostFeatures.read();
        if (!features.usable()) {
            throw new UnavailableException("engine native needs LAHF in 64-bit mode, which /proc/cpuinfo does not list");
        }
        try {
            return new NativeTranslator(new CodeArea(CODE_BYTES), features, threshold, folder, build);
        } catch (CodeArea.Unavailable e) {
            throw new UnavailableException("engine native: " + e.getMessage());
        }
    }
}
