package xen.disk.cello;

import org.osgi.service.component.annotations.Component;
import xen.kernel.api.block.DiskScheduler;
import xen.kernel.api.block.DiskSchedulerFactory;

/** Cello as services: {@code cello} shares disk time, {@code cello-bytes} shares bytes. */
final class CelloComponent {
    private CelloComponent() {}

    /** Shares of disk time. */
    @Component(property = "xen.disk.scheduler=cello")
    public static final class ByTime implements DiskSchedulerFactory {
        @Override public DiskScheduler create() { return new Cello(false); }
    }

    /** Shares of bytes. */
    @Component(property = "xen.disk.scheduler=cello-bytes")
    public static final class ByBytes implements DiskSchedulerFactory {
        @Override public DiskScheduler create() { return new Cello(true); }
    }
}
