package xen.kernel.api.control;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * CPU pools (sysctl's cpupool operations): every pCPU is in one pool or free, every domain in one pool, and each pool has a scheduler of
 * its own that knows nothing of the others. Pool 0 is made at power-on with all pCPUs and is never destroyed. Moving a domain or a pCPU
 * works while guests run and keeps every parameter: an affinity that names no pCPU of the pool is set aside, not forgotten. Any thread;
 * refusals are {@link HypervisorException}.
 */
public interface CpuPools {
    /** The pool that is there from the start. */
    int FIRST = 0;

    /**
     * A pool as it is now.
     *
     * @param scheduler name of the one in charge
     * @param cpus its pCPUs; a copy
     * @param domains ids of its domains, ascending
     */
    record CpuPool(int id, String name, String scheduler, BitSet cpus, List<Integer> domains) {}

    /** All pools by ascending id. */
    List<CpuPool> list();

    /** pCPUs in no pool: they idle. */
    BitSet free();

    /** A new pool without pCPUs. EEXIST: the name is taken; ENOENT: no such scheduler; EBUSY: it serves another pool and cannot serve two. */
    CpuPool create(String name, String scheduler);

    /** Frees its pCPUs and removes it. EBUSY while it has domains or is pool 0. */
    void destroy(int pool);

    void rename(int pool, String name);

    /** EBUSY while the pCPU is in a pool. */
    void addCpu(int pool, int pcpu);

    /** ENODEV when the pCPU is not in the pool; EBUSY when it is the last of pool 0 or of a pool with domains. */
    void removeCpu(int pool, int pcpu);

    /** Moves a domain; ENODEV when the pool has no pCPU. */
    void move(int domid, int pool);

    /** Swaps the scheduler of one pool; the others notice nothing. */
    SwapReport selectScheduler(int pool, String name);

    /** The pool of that name, else of that number. */
    default Optional<CpuPool> find(String nameOrId) {
        List<CpuPool> all = list();
        return all.stream().filter(p -> p.name().equals(nameOrId)).findFirst()
                .or(() -> all.stream().filter(p -> Integer.toString(p.id()).equals(nameOrId)).findFirst());
    }
}
