package xen.kernel.api.block;

/** Makes block cores apart from the machine's, with drivers of their own: for tests, experiments and benchmarks. A service of the core. */
public interface BlockCores {
    /** A core on a host; it uses the formats, models and schedulers that are registered. */
    BlockControl open(DriverHost host, BlockDriver driver);
}
