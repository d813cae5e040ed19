package xen.toolstack.diff;

import java.util.Optional;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.time.TimeMode;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.ManagedDomain;
import xen.toolstack.domain.DomainManagerImpl;
import xen.toolstack.store.StoreDaemon;

/** One of the two machines with its guest, powered on and paused. */
final class DiffSide implements AutoCloseable {
    private static final long OVERHEAD = 32 << 20;

    private final Hypervisor hypervisor;
    private final StoreDaemon store;
    private final DomainManagerImpl manager;
    final ManagedDomain domain;

    DiffSide(Hypervisor hypervisor, DomainSpec spec) {
        this.hypervisor = hypervisor;
        long bytes = spec.maxPages() << 12;
        hypervisor.powerOn(new MachineConfig(bytes + bytes / 16 + OVERHEAD & -4096L, new Topology(1, 1, 1), TimeMode.VIRTUAL, null, null,
                MachineConfig.DEFAULT_HZ));
        store = new StoreDaemon(hypervisor);
        manager = new DomainManagerImpl(hypervisor, store);
        try {
            domain = manager.create(spec, true);
        } catch (RuntimeException e) {
            hypervisor.powerOff();
            throw e;
        }
    }

    void start() { hypervisor.unpause(domain.domid()); }

    /** Code bytes at an address, as vCPU 0 sees it. */
    Optional<byte[]> code(long rip) { return hypervisor.peek(domain.domain().vcpus().get(0), rip, 64); }

    void quiesced(Runnable action) { hypervisor.quiesced(action); }

    @Override public void close() {
        manager.list().forEach(manager::destroy);
        hypervisor.powerOff();
    }
}
