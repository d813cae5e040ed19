package xen.kernel.driver;

import org.osgi.service.component.ComponentServiceObjects;
import xen.kernel.api.block.BlockBackend;
import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.StartKind;

/**
 * A driver as its bundle offers it. The object is asked for when the driver is started first, on the driver's own thread: until a machine
 * has a disk none of the bundle's code is loaded, and none of it runs anywhere else.
 */
final class DriverService implements BlockDriver {
    private final ComponentServiceObjects<BlockDriver> objects;
    private final DriverGate gate;
    private BlockDriver driver;

    DriverService(ComponentServiceObjects<BlockDriver> objects, DriverGate gate) {
        this.objects = objects;
        this.gate = gate;
    }

    @Override public BlockBackend start(BlockDomain domain, StartKind kind) { return driver().start(domain, kind); }

    private synchronized BlockDriver driver() {
        if (driver == null) {
            BlockDriver d = objects.getService();
            if (d == null) {
                throw new IllegalStateException("its bundle was refused, or has gone; the log says why");
            }
            String refusal = gate.refusal(d.getClass());
            if (refusal != null) {
                objects.ungetService(d);
                throw new IllegalStateException(refusal);
            }
            driver = d;
        }
        return driver;
    }
}
