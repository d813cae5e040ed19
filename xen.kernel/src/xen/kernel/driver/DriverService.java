package xen.kernel.driver;

import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;
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
    /** It cannot call its capability deep in its stack. */
    private boolean straight;

    DriverService(ComponentServiceObjects<BlockDriver> objects, DriverGate gate) {
        this.objects = objects;
        this.gate = gate;
    }

    @Override public BlockBackend start(BlockDomain domain, StartKind kind) {
        DomainHandle handle = (DomainHandle) domain;
        return driver(handle).start(domain, kind);
    }

    private synchronized BlockDriver driver(DomainHandle handle) {
        Bundle bundle = objects.getServiceReference().getBundle();
        if (driver == null) {
            // whoever serves until then goes on meanwhile; and it is no time of the driver's
            refuse(handle.working(() -> bundle == null ? "its bundle has gone" : gate.refusal(bundle)));
            BlockDriver d = objects.getService();
            if (d == null) {
                throw new IllegalStateException("its bundle does not give it, or has gone; the log says why");
            }
            if (FrameworkUtil.getBundle(d.getClass()) != bundle) {
                objects.ungetService(d);
                refuse(d.getClass() + " is not one of its bundle's");
            }
            driver = d;
            straight = gate.straight(bundle);
        }
        if (!straight) {
            handle.makeRoom();
        }
        return driver;
    }

    private static void refuse(String why) {
        if (why != null) {
            throw new IllegalStateException(why);
        }
    }
}
