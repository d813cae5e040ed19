package xen.toolstack.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.Vcpu;

/** Counters of one domain at one moment; taken before a domain goes, when its vCPUs can still be read. */
public record DomainStats(int domid, String name, Map<String, Long> counters, List<VcpuStats> vcpus) {
    public record VcpuStats(int id, long instructions, long cpuNanos) {}

    public static DomainStats of(Domain domain) {
        List<VcpuStats> vcpus = new ArrayList<>();
        for (Vcpu v : domain.vcpus()) {
            vcpus.add(new VcpuStats(v.id(), v.context().retired(), v.cpuNanos()));
        }
        return new DomainStats(domain.id(), domain.name(), new java.util.TreeMap<>(domain.counters()), List.copyOf(vcpus));
    }

    public long instructions() { return vcpus.stream().mapToLong(VcpuStats::instructions).sum(); }
}
