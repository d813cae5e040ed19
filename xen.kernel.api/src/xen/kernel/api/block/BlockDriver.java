package xen.kernel.api.block;

/** A block driver; a service with property {@code xen.driver.block} = its name. The newest one registered serves. */
public interface BlockDriver {
    BlockBackend start(BlockDomain domain, StartKind kind);
}
