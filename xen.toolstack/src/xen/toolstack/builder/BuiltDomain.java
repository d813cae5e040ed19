package xen.toolstack.builder;

/** A domain that is ready to run: what the xenstore and console back ends need to attach to it. */
public record BuiltDomain(int domid, BootLayout layout, long storeMfn, int storePort, long consoleMfn, int consolePort) {}
