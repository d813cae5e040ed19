package xen.drv.blk;

import org.osgi.service.component.annotations.Component;
import xen.kernel.api.block.BlockBackend;
import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.StartKind;

/** The block driver as a service. */
@Component(property = "xen.driver.block=blk")
public final class BlkDriverComponent implements BlockDriver {
    @Override public BlockBackend start(BlockDomain domain, StartKind kind) { return new BlkBackend(domain); }
}
