package xen.hw.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import xen.hw.disk.qcow2.FileStore;
import xen.hw.disk.qcow2.ImageException;
import xen.hw.disk.qcow2.Qcow2Files;
import xen.kernel.api.block.BlockBacking;
import xen.kernel.api.block.BlockFormat;

/**
 * Images of QEMU's format, and what they lie over: raw or qcow2, as the image itself says. The format of a file is never guessed from its
 * contents: a guest that owns a raw disk could write a header into it that names any file of the host.
 */
@Component(property = "xen.block.format=qcow2")
public final class Qcow2Format implements BlockFormat {
    private static final int DEEPEST = 64;

    @Override public BlockBacking open(String target, boolean readOnly) throws IOException { return open(Path.of(target), readOnly, new ArrayList<>()); }

    private static BlockBacking open(Path file, boolean readOnly, List<Path> above) throws IOException {
        if (Files.exists(file) && above.contains(file.toRealPath()) || above.size() >= DEEPEST) {
            throw new ImageException(file + ": " + (above.size() < DEEPEST ? "lies over itself" : "lies over more than " + DEEPEST + " images")
                    + "; give it another backing file: ./xen image rebase", false);
        }
        FileChannel channel = ImageFiles.open(file, readOnly);
        FileStore store = new FileStore(file.toString(), channel, readOnly ? null : HolePuncher.open(file));
        above.add(file.toRealPath());
        return Qcow2Files.open(store, readOnly, (name, format) -> base(file, name, format, above));
    }

    private static BlockBacking base(Path image, String name, String format, List<Path> above) throws IOException {
        if (name.matches("[a-z][a-z0-9+.-]*:.*")) {
            throw new ImageException(image + ": its backing file '" + name + "' is no file of this host; only files are supported", false);
        }
        Path file = image.toAbsolutePath().getParent().resolve(name);
        try {
            return switch (format) {
                case "qcow2" -> open(file, true, above);
                case "raw" -> new RawImage(file, true, 512);
                default -> throw new ImageException("has the format '" + format + "'; raw and qcow2 are supported", false);
            };
        } catch (IOException e) {
            throw new ImageException(image + ": its backing file: " + e.getMessage(), e instanceof ImageException i && i.corrupt);
        }
    }
}
