package xen.disk.rr;

import org.osgi.service.component.annotations.Component;
import xen.kernel.api.block.DiskScheduler;
import xen.kernel.api.block.DiskSchedulerFactory;

/** Batch round robin as a service. */
@Component(property = "xen.disk.scheduler=rr")
public final class RrComponent implements DiskSchedulerFactory {
    @Override public DiskScheduler create() { return new BatchRoundRobin(); }
}
