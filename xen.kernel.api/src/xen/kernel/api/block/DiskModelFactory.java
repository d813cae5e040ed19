package xen.kernel.api.block;

/** A kind of disk; a service with property {@code xen.disk.model} = its name ("hdd", "ssd"). */
public interface DiskModelFactory {
    /** A new disk at rest. */
    DiskModel create(long sectors);
}
