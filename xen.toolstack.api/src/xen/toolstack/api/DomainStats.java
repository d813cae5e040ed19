package xen.toolstack.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.Vcpu;

/**
 * Counters of one domain at one moment; taken before a domain goes, when its vCPUs can still be read.
 *
 * @param devices counters of each virtual device, by its name in the guest
 */
public record DomainStats(int domid, String name, Map<String, Long> counters, List<VcpuStats> vcpus, Map<String, Map<String, Long>> devices) {
    public record VcpuStats(int id, long instructions, long cpuNanos) {}

    public static DomainStats of(Domain domain, VirtualDisks disks) {
        List<VcpuStats> vcpus = new ArrayList<>();
        for (Vcpu v : domain.vcpus()) {
            vcpus.add(new VcpuStats(v.id(), v.context().retired(), v.cpuNanos()));
        }
        return new DomainStats(domain.id(), domain.name(), new java.util.TreeMap<>(domain.counters()), List.copyOf(vcpus), devices(disks));
    }

    private static Map<String, Map<String, Long>> devices(VirtualDisks disks) {
        Map<String, Map<String, Long>> devices = new java.util.TreeMap<>();
        if (disks != null) {
            disks.list().forEach(d -> devices.put(d.vdev(), d.counters()));
        }
        return devices;
    }

    public long instructions() { return vcpus.stream().mapToLong(VcpuStats::instructions).sum(); }
}
