package xen.toolstack.domain;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.builder.BootLayout;
import xen.toolstack.builder.DomainBuilder;
import xen.toolstack.image.KernelImage;

/** The files of a spec, read and checked: everything that can be wrong with a user's input shows here, before there is a domain. */
record BootSource(KernelImage kernel, byte[] ramdisk, BootLayout layout) {
    public static BootSource of(DomainSpec spec) {
        KernelImage kernel = KernelImage.read(spec.kernel());
        byte[] ramdisk = null;
        if (spec.ramdisk() != null) {
            if (Files.isDirectory(spec.ramdisk())) {
                throw new ToolstackException(spec.ramdisk() + ": a folder, not a ramdisk");
            }
            try {
                ramdisk = Files.readAllBytes(spec.ramdisk());
            } catch (NoSuchFileException e) {
                throw new ToolstackException(spec.ramdisk() + ": no such file (the ramdisk)");
            } catch (IOException e) {
                throw new ToolstackException(spec.ramdisk() + ": cannot read the ramdisk: " + e, e);
            }
        }
        return new BootSource(kernel, ramdisk, DomainBuilder.plan(kernel, ramdisk, spec.commandLine(), spec.pages()));
    }
}
