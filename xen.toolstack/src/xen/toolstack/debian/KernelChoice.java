package xen.toolstack.debian;

import java.util.Arrays;
import java.util.stream.Collectors;
import xen.toolstack.api.ToolstackException;

/** Which of Debian's PV kernels; {@code --kernel}. */
public enum KernelChoice {
    CLOUD("linux-image-cloud-amd64", false), GENERIC("linux-image-amd64", false), BACKPORTS("linux-image-cloud-amd64", true),
    BACKPORTS_GENERIC("linux-image-amd64", true);

    /** The meta package that names the current kernel. */
    final String metaPackage;
    /** From the release's -backports suite. */
    final boolean backports;

    KernelChoice(String metaPackage, boolean backports) {
        this.metaPackage = metaPackage;
        this.backports = backports;
    }

    public String option() { return name().toLowerCase().replace('_', '-'); }

    public static KernelChoice of(String text) {
        return Arrays.stream(values()).filter(k -> k.option().equals(text)).findFirst().orElseThrow(() -> new ToolstackException("--kernel "
                + text + ": choose one of " + Arrays.stream(values()).map(KernelChoice::option).collect(Collectors.joining(", "))));
    }
}
