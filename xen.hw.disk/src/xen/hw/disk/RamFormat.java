package xen.hw.disk;

import java.io.IOException;
import org.osgi.service.component.annotations.Component;
import xen.kernel.api.block.BlockBacking;
import xen.kernel.api.block.BlockFormat;

/** RAM disks; the target is a size. */
@Component(property = "xen.block.format=ram")
public final class RamFormat implements BlockFormat {
    @Override public BlockBacking open(String target, boolean readOnly) throws IOException { return new RamDisk(target, 512); }

    /** The same with sectors of 4096 bytes: the guest cannot write less. */
    @Component(property = "xen.block.format=ram-4k")
    public static final class Sectors4096 implements BlockFormat {
        @Override public BlockBacking open(String target, boolean readOnly) throws IOException { return new RamDisk(target, 4096); }
    }
}
