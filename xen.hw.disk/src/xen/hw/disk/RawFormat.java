package xen.hw.disk;

import java.io.IOException;
import java.nio.file.Path;
import org.osgi.service.component.annotations.Component;
import xen.kernel.api.block.BlockBacking;
import xen.kernel.api.block.BlockFormat;

/** Raw images, sparse or not. */
final class RawFormat {
    private RawFormat() {}

    /** Sectors of 512 bytes. */
    @Component(property = "xen.block.format=raw")
    public static final class Sectors512 implements BlockFormat {
        @Override public BlockBacking open(String target, boolean readOnly) throws IOException { return new RawImage(Path.of(target), readOnly, 512); }
    }

    /** Sectors of 4096 bytes: the guest cannot write less. */
    @Component(property = "xen.block.format=raw-4k")
    public static final class Sectors4096 implements BlockFormat {
        @Override public BlockBacking open(String target, boolean readOnly) throws IOException { return new RawImage(Path.of(target), readOnly, 4096); }
    }
}
