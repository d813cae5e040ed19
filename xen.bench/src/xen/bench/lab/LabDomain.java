package xen.bench.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import xen.kernel.api.control.DomainConfig;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.PageTableLevel;
import xen.kernel.api.control.VcpuStart;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.Vcpu;

/** A workload domain: a real domain of the core whose kernel is a {@link Program}. */
final class LabDomain {
    private static final int PAGES = 16;

    final DomainSpec spec;
    final Domain domain;
    final List<LabVcpu> vcpus = new ArrayList<>();
    /** Frame of its (empty) root page table. */
    final long root;
    /** Host address of its shared_info. */
    final long sharedInfo;

    /** Builds it, paused. */
    LabDomain(Hypervisor h, DomainSpec spec, int number, long seed) {
        this.spec = spec;
        domain = h.create(new DomainConfig(spec.name(), new UUID(0x1ab, number), PAGES, spec.vcpus(), false));
        root = h.populate(domain.id(), 0, 1)[0];
        h.pinTable(domain.id(), PageTableLevel.L4, root);
        h.start(domain.id(), new VcpuStart(0x1000, 0x2000, 0, root));
        h.setWeight(domain.id(), spec.weight(), spec.cap());
        sharedInfo = h.memory().address(h.sharedInfo(domain.id()));
        Program p = spec.program().get();
        for (Vcpu v : domain.vcpus()) {
            vcpus.add(new LabVcpu(this, v, p, seed * 1_000_003 + number * 131L + v.id()));
        }
    }

    /** Nanoseconds that its vCPUs ran in the measured time. */
    long ran() { return vcpus.stream().mapToLong(LabVcpu::ran).sum(); }

    long operations() { return vcpus.stream().mapToLong(v -> v.operations).sum(); }

    long spun() { return vcpus.stream().mapToLong(v -> v.spun).sum(); }
}
