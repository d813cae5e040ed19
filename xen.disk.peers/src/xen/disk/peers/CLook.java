package xen.disk.peers;

import org.osgi.service.component.annotations.Component;
import xen.disk.shared.Elevator;
import xen.kernel.api.block.DiskHost;
import xen.kernel.api.block.DiskRequest;
import xen.kernel.api.block.DiskScheduler;
import xen.kernel.api.block.DiskSchedulerFactory;

/** The elevator: best throughput of a disk with heads, no fairness. */
final class CLook implements DiskScheduler {
    /** The service. */
    @Component(property = "xen.disk.scheduler=clook")
    public static final class Factory implements DiskSchedulerFactory {
        @Override public DiskScheduler create() { return new CLook(); }
    }

    private final Elevator elevator = new Elevator();

    @Override public void start(DiskHost host) { elevator.clear(); }
    @Override public void add(DiskRequest r) { elevator.add(r); }
    @Override public DiskRequest next(long now) { return elevator.poll(); }
}
