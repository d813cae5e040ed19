package xen.kernel.core;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import xen.kernel.api.control.DomainConfig;
import xen.kernel.api.control.SymbolSource;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.DomainState;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.event.EventChannels;
import xen.kernel.grant.GrantTable;
import xen.kernel.mm.DomainMemory;
import xen.kernel.sched.SchedulerPool;
import xen.kernel.sched.Watchdogs;

/** A domain in the core: identity, life, and one part object a subject. Life fields change under {@link Core#lock} only. */
public final class DomainImpl implements Domain {
    public final Core core;
    public final DomainConfig config;
    public final DomainMemory memory;
    public final EventChannels events;
    public final GrantTable grants;
    public final Watchdogs watchdogs = new Watchdogs(this);
    public final Counters counters = new Counters();
    /** VMASST_* bits that the guest enabled by vm_assist. */
    public long assists;
    /** What SCHEDOP_shutdown_code said; -1 = nothing. It then overrides the reason that shutdown gives. */
    public int shutdownCode = -1;
    /** The domain's clock less the machine's, in nanoseconds and TSC cycles; above 0 only for a domain that was restored. */
    public long timeOffset, tscOffset;
    /** The domain's times are still what they were when it was captured, cycle for cycle. */
    public boolean timeOffsetKept;
    /** What has to be done before a restored domain runs; null when that is over. */
    public Runnable resumption;
    /** Instructions of all vCPUs at which {@link #atStop} is called once; see {@code Hypervisor.stopAt}. */
    public volatile long stopAt = Long.MAX_VALUE;
    public volatile Runnable atStop;
    /** Text of console_io that is not a whole line yet. */
    public final StringBuilder consoleLine = new StringBuilder();
    private final int id;
    private volatile String name;
    private final VcpuImpl[] vcpus;
    private volatile SchedulerPool pool;
    private volatile DomainState state = DomainState.BUILDING;
    private volatile ShutdownReason reason;
    private volatile String crashReport;
    private volatile SymbolSource symbols;
    /** Pauses outstanding; the domain runs when 0. A domain is born with one. */
    private int pauses = 1;

    public DomainImpl(Core core, int id, DomainConfig config) {
        this.core = core;
        this.id = id;
        this.config = config;
        name = config.name();
        pool = core.schedulers.first();
        memory = new DomainMemory(this);
        events = new EventChannels(this);
        grants = new GrantTable(this);
        vcpus = new VcpuImpl[config.vcpus()];
        Arrays.setAll(vcpus, i -> new VcpuImpl(this, i));
    }

    public VcpuImpl vcpu(int i) { return i >= 0 && i < vcpus.length ? vcpus[i] : null; }

    /** The CPU pool that it is in; changed by {@code SchedulerPools} only. */
    public SchedulerPool pool() { return pool; }
    public void pool(SchedulerPool p) { pool = p; }

    /** Machine time of a time by the domain's clock. */
    public long machineTime(long domainNanos) {
        // a guest may say "never" in many ways
        return timeOffset == 0 ? domainNanos : Math.max(domainNanos, Long.MIN_VALUE / 2) - timeOffset;
    }

    /** True when its vCPUs may run. */
    public boolean live() { return state == DomainState.RUNNING; }

    public int pauses() { return pauses; }
    public void pauses(int v) { pauses = v; }
    public void state(DomainState s) { state = s; }
    public void shutdownReason(ShutdownReason r) { reason = r; }
    public void crashReport(String report) { crashReport = report; }
    public void symbols(SymbolSource s) { symbols = s; }
    /** Names of the guest kernel, or null. */
    public SymbolSource symbols() { return symbols; }

    @Override public int id() { return id; }
    @Override public String name() { return name; }
    void name(String other) { name = other; }
    @Override public UUID uuid() { return config.uuid(); }
    @Override public DomainState state() { return state; }
    @Override public List<VcpuImpl> vcpus() { return List.of(vcpus); }
    @Override public Optional<ShutdownReason> shutdownReason() { return Optional.ofNullable(reason); }
    @Override public Optional<String> crashReport() { return Optional.ofNullable(crashReport); }
    @Override public long pages() { return memory.pages(); }
    @Override public long maxPages() { return memory.maxPages(); }
    @Override public Map<String, Long> counters() { return counters.snapshot(); }
    @Override public String toString() { return "d" + id; }
}
