package xen.kernel.sched;

import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import xen.kernel.api.control.CpuPools;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.control.SwapReport;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.core.Core;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;

/**
 * The CPU pools: which pCPU and which domain is in which, and the scheduler services that pools take their schedulers from.
 *
 * <p>Membership changes with the core's lock and then {@link #lock} held, and the loops choose with both held, so a decision never meets
 * half a move. A pool whose pCPUs change starts its scheduler anew, as a swap does. A vCPU that runs on a pCPU that leaves its pool, or
 * whose domain moves, goes on until that pCPU looks up, which it is told to at once; then it is put back where it belongs now.
 *
 * <p>Lock order: core's lock, then this one, which all pools share: decisions have the core's lock anyway.
 */
public final class SchedulerPools implements CpuPools {
    private static final String FIRST_NAME = "Pool-0";

    final Core core;
    final ReentrantLock lock = new ReentrantLock();
    final LongSupplier hostNanos;
    final PauseStats pauses = new PauseStats();
    final Switcher switcher;
    private final SchedulerCatalog catalog = new SchedulerCatalog();
    private final Map<Integer, SchedulerPool> pools = new ConcurrentSkipListMap<>();
    private final SchedulerPool first;
    private final SchedulerPool[] owner;
    private long generations;
    private volatile long failures;

    public SchedulerPools(Core core) { this(core, System::nanoTime); }

    /** @param hostNanos measures pauses only; machine time never depends on it */
    SchedulerPools(Core core, LongSupplier hostNanos) {
        this.core = core;
        this.hostNanos = hostNanos;
        switcher = new Switcher(this, core.pcpus());
        owner = new SchedulerPool[core.pcpus()];
        first = new SchedulerPool(this, FIRST, FIRST_NAME, core.config.scheduler(), allPcpus());
        java.util.Arrays.fill(owner, first);
        pools.put(FIRST, first);
    }

    /** The pool that domains are born into. */
    public SchedulerPool first() { return first; }

    /** The pool of a pCPU, or null while it is free; under a lock. */
    SchedulerPool of(int pcpu) { return owner[pcpu]; }

    long nextGeneration() { return ++generations; }

    BitSet allPcpus() {
        BitSet b = new BitSet();
        b.set(0, core.pcpus());
        return b;
    }

    // Reports

    public PauseStats.Snapshot pauses() { return pauses.snapshot(); }

    /** Plugins dropped because they threw. */
    public long failures() { return failures; }

    /** What the core and the schedulers in charge counted; those of another pool than the first with the pool's name in front. */
    public Map<String, Long> figures() {
        return locked(() -> {
            Map<String, Long> m = new TreeMap<>();
            m.put("core.switches", switcher.switches());
            m.put("core.failures", failures);
            m.put("core.swaps", pauses.snapshot().count());
            pools.values().forEach(p -> p.addFigures(m, p == first ? "" : p.name() + "/"));
            return m;
        });
    }

    // Services; any thread

    /** A scheduler service came; pools that selected its name, or have the bypass and selected none, take it. */
    public void added(String name, Scheduler service) {
        locked(() -> {
            catalog.add(name, service);
            for (SchedulerPool p : pools.values()) {
                try {
                    if (p.wants(name) && !p.has(service)) {
                        p.swap(name, service, SchedulerCatalog.instance(name, service, taken(service)));
                    }
                } catch (HypervisorException e) {
                    core.log.say(e.getMessage());
                }
            }
            return null;
        });
    }

    /** A scheduler service goes; where it was in charge the bypass takes over before this returns. */
    public void removed(String name, Scheduler service) {
        locked(() -> {
            catalog.remove(name, service);
            pools.values().stream().filter(p -> p.has(service)).forEach(SchedulerPool::bypass);
            return null;
        });
    }

    /** The machine is switched off: no plugin keeps anything of it. */
    public void dispose() {
        locked(() -> {
            catalog.clear();
            pools.values().forEach(SchedulerPool::bypass);
            return null;
        });
    }

    /** A pool's scheduler threw. */
    void failed(Scheduler service) {
        failures++;
        catalog.drop(service);
    }

    /** A pool works with the service's own instance. */
    private boolean taken(Scheduler service) { return pools.values().stream().anyMatch(p -> p.runs(service)); }

    // CpuPools

    @Override public List<CpuPool> list() {
        return locked(() -> pools.values().stream()
                .map(p -> new CpuPool(p.id(), p.name(), p.scheduler(), (BitSet) p.cpus().clone(), domains(p).stream().map(DomainImpl::id).toList())).toList());
    }

    private List<DomainImpl> domains(SchedulerPool p) { return core.domains().stream().filter(d -> d.pool() == p).toList(); }

    @Override public BitSet free() {
        return locked(() -> {
            BitSet b = allPcpus();
            pools.values().forEach(p -> b.andNot(p.cpus()));
            return b;
        });
    }

    @Override public CpuPool create(String name, String scheduler) {
        return changing(() -> {
            int id = 0;
            while (pools.containsKey(id)) {
                id++;
            }
            checkName(name);
            SchedulerPool p = new SchedulerPool(this, id, name, scheduler, new BitSet());
            p.select(scheduler, catalog, this::taken);
            pools.put(id, p);
            return new CpuPool(id, name, p.scheduler(), new BitSet(), List.of());
        });
    }

    private void checkName(String name) {
        if (!name.matches("[A-Za-z0-9_.+-]{1,64}")) {
            throw new HypervisorException(Errno.EINVAL, "'" + name + "' is no name for a pool: letters, digits and _ . + - are possible, 64 at most");
        }
        if (pools.values().stream().anyMatch(p -> p.name().equals(name))) {
            throw new HypervisorException(Errno.EEXIST, "there is a pool '" + name + "' already: choose another name");
        }
    }

    private SchedulerPool need(int pool) {
        SchedulerPool p = pools.get(pool);
        if (p == null) {
            throw new HypervisorException(Errno.ENOENT, "there is no pool " + pool);
        }
        return p;
    }

    @Override public void destroy(int pool) {
        changing(() -> {
            SchedulerPool p = need(pool);
            if (p == first) {
                throw new HypervisorException(Errno.EBUSY, "pool '" + p.name() + "' is the machine's first and stays");
            }
            int n = domains(p).size();
            if (n > 0) {
                throw new HypervisorException(Errno.EBUSY, "pool '" + p.name() + "' has " + n + (n == 1 ? " domain" : " domains") + ": move or destroy them first");
            }
            BitSet freed = p.cpus();
            freed.stream().forEach(c -> owner[c] = null);
            p.cpus(new BitSet());
            p.bypass();
            pools.remove(pool);
            freed.stream().forEach(core.dispatcher::reschedule);
            return null;
        });
    }

    @Override public void rename(int pool, String name) {
        changing(() -> {
            SchedulerPool p = need(pool);
            if (!p.name().equals(name)) {
                checkName(name);
                p.rename(name);
            }
            return null;
        });
    }

    @Override public void addCpu(int pool, int pcpu) {
        changing(() -> {
            SchedulerPool p = need(pool);
            SchedulerPool has = owner[checkPcpu(pcpu)];
            if (has != null) {
                throw new HypervisorException(Errno.EBUSY, "pCPU " + pcpu + " is in pool '" + has.name() + "': remove it there first");
            }
            owner[pcpu] = p;
            BitSet with = (BitSet) p.cpus().clone();
            with.set(pcpu);
            p.cpus(with);
            return null;
        });
    }

    @Override public void removeCpu(int pool, int pcpu) {
        changing(() -> {
            SchedulerPool p = need(pool);
            if (owner[checkPcpu(pcpu)] != p) {
                throw new HypervisorException(Errno.ENODEV, "pCPU " + pcpu + " is not in pool '" + p.name() + "', which has " + p.cpus());
            }
            if (p.cpus().cardinality() == 1 && (p == first || !domains(p).isEmpty())) {
                throw new HypervisorException(Errno.EBUSY, "pCPU " + pcpu + " is the last of pool '" + p.name() + "'"
                        + (p == first ? ", which needs one" : ", which has domains: move them first"));
            }
            owner[pcpu] = null;
            BitSet without = (BitSet) p.cpus().clone();
            without.clear(pcpu);
            p.cpus(without);
            core.dispatcher.reschedule(pcpu);
            return null;
        });
    }

    private int checkPcpu(int pcpu) {
        if (pcpu < 0 || pcpu >= owner.length) {
            throw new HypervisorException(Errno.EINVAL, "there is no pCPU " + pcpu + ": the machine has 0 to " + (owner.length - 1));
        }
        return pcpu;
    }

    @Override public void move(int domid, int pool) {
        changing(() -> {
            DomainImpl d = core.domain(domid);
            if (d == null) {
                throw new HypervisorException(Errno.ESRCH, "there is no domain " + domid);
            }
            move(d, need(pool));
            return null;
        });
    }

    private void move(DomainImpl d, SchedulerPool to) {
        SchedulerPool from = d.pool();
        if (from == to) {
            return;
        }
        if (to.cpus().isEmpty()) {
            throw new HypervisorException(Errno.ENODEV, "pool '" + to.name() + "' has no pCPU: add one first");
        }
        Collection<VcpuImpl> vcpus = d.vcpus();
        vcpus.forEach(from::withdraw);
        d.pool(to);
        for (VcpuImpl v : vcpus) {
            if (v.sched.pcpu >= 0) {
                core.dispatcher.reschedule(v.sched.pcpu);
            } else {
                to.refresh(v);
            }
        }
        core.log.say(d + " moved from pool " + from.name() + " to " + to.name());
    }

    @Override public SwapReport selectScheduler(int pool, String name) { return locked(() -> need(pool).select(name, catalog, this::taken)); }

    // Locks

    private <T> T locked(java.util.function.Supplier<T> action) {
        lock.lock();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    private <T> T changing(java.util.function.Supplier<T> action) {
        core.lock.lock();
        try {
            return locked(action);
        } finally {
            core.lock.unlock();
        }
    }
}
