package xen.kernel.testing;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import xen.kernel.api.control.CpuPools;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.control.SwapReport;
import xen.kernel.api.hypercall.Errno;

/** CPU pools on paper: who is where, with the core's refusals that a user meets first. Pool 0's scheduler is the hypervisor's. */
final class FakePools implements CpuPools {
    private final Map<Integer, CpuPool> pools = new TreeMap<>();
    private final FakeHypervisor hypervisor;
    private final int pcpus;

    FakePools(FakeHypervisor hypervisor, int pcpus) {
        this.hypervisor = hypervisor;
        this.pcpus = pcpus;
        BitSet all = new BitSet();
        all.set(0, pcpus);
        pools.put(FIRST, new CpuPool(FIRST, "Pool-0", "", all, new ArrayList<>()));
    }

    @Override public List<CpuPool> list() {
        return pools.values().stream().map(p -> {
            List<Integer> domains = new ArrayList<>(p.domains());
            if (p.id() == FIRST) {
                hypervisor.domains.keySet().stream().filter(d -> pools.values().stream().noneMatch(o -> o.domains().contains(d))).forEach(domains::add);
            }
            return new CpuPool(p.id(), p.name(), p.id() == FIRST ? hypervisor.scheduler : p.scheduler(), (BitSet) p.cpus().clone(), domains);
        }).toList();
    }

    @Override public BitSet free() {
        BitSet b = new BitSet();
        b.set(0, pcpus);
        pools.values().forEach(p -> b.andNot(p.cpus()));
        return b;
    }

    @Override public CpuPool create(String name, String scheduler) {
        if (scheduler.equals("nosuch")) {
            throw new HypervisorException(Errno.ENOENT, "no scheduler named '" + scheduler + "'");
        }
        int id = pools.size();
        pools.put(id, new CpuPool(id, name, scheduler, new BitSet(), new ArrayList<>()));
        return pools.get(id);
    }

    @Override public void destroy(int pool) {
        if (!pools.get(pool).domains().isEmpty()) {
            throw new HypervisorException(Errno.EBUSY, "pool has domains");
        }
        pools.remove(pool);
    }

    @Override public void rename(int pool, String name) {
        CpuPool p = pools.get(pool);
        pools.put(pool, new CpuPool(pool, name, p.scheduler(), p.cpus(), p.domains()));
    }

    @Override public void addCpu(int pool, int pcpu) {
        if (!free().get(pcpu)) {
            throw new HypervisorException(Errno.EBUSY, "pCPU " + pcpu + " is in a pool");
        }
        pools.get(pool).cpus().set(pcpu);
    }

    @Override public void removeCpu(int pool, int pcpu) {
        if (!pools.get(pool).cpus().get(pcpu)) {
            throw new HypervisorException(Errno.ENODEV, "pCPU " + pcpu + " is not in the pool");
        }
        pools.get(pool).cpus().clear(pcpu);
    }

    @Override public void move(int domid, int pool) {
        pools.values().forEach(p -> p.domains().remove((Integer) domid));
        pools.get(pool).domains().add(domid);
    }

    @Override public SwapReport selectScheduler(int pool, String name) {
        CpuPool p = pools.get(pool);
        if (pool == FIRST) {
            return hypervisor.selectScheduler(name);
        }
        pools.put(pool, new CpuPool(pool, p.name(), name, p.cpus(), p.domains()));
        return new SwapReport(p.scheduler(), name, 21_000, p.domains().size());
    }
}
