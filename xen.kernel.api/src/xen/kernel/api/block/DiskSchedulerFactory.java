package xen.kernel.api.block;

/** Makes schedulers, one a disk; a service with property {@code xen.disk.scheduler} = its name. */
public interface DiskSchedulerFactory {
    DiskScheduler create();
}
