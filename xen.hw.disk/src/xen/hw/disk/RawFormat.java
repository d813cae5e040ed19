package xen.hw.disk;

import java.io.IOException;
import java.nio.file.Path;
import org.osgi.service.component.annotations.Component;
import xen.kernel.api.block.BlockBacking;
import xen.kernel.api.block.BlockFormat;

/** Raw images, sparse or not. */
@Component(property = "xen.block.format=raw")
public final class RawFormat implements BlockFormat {
    @Override public BlockBacking open(String target, boolean readOnly) throws IOException { return new RawImage(Path.of(target), readOnly); }
}
