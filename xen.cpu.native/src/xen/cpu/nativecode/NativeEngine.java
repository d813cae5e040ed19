package xen.cpu.nativecode;

import org.osgi.service.component.annotations.Component;
import xen.hw.x86smp.engine.Engine;
import xen.hw.x86smp.engine.Translator;

/** The engine {@code native}: host code on x86-64 Linux. */
@Component(property = "xen.engine=native")
public final class NativeEngine implements Engine {
    private static final long CODE_BYTES = 64 << 20;
    private static final int THRESHOLD = 16;

    private final int threshold;

    public NativeEngine() { this(Integer.getInteger("xen.native.threshold", THRESHOLD)); }

    /** @param threshold executions of a block in tier 0 before it is translated */
    NativeEngine(int threshold) { this.threshold = threshold; }

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
            return new NativeTranslator(new CodeArea(CODE_BYTES), features, threshold);
        } catch (CodeArea.Unavailable e) {
            throw new UnavailableException("engine native: " + e.getMessage());
        }
    }
}
