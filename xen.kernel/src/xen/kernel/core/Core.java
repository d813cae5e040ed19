package xen.kernel.core;

import java.lang.ref.Cleaner;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import xen.kernel.api.control.DomainListener;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.control.TraceSink;
import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.event.Dom0Ports;
import xen.kernel.hypercall.HypercallTable;
import xen.kernel.mm.FrameTable;
import xen.kernel.sched.Dispatcher;
import xen.kernel.sched.SchedulerPools;
import xen.kernel.time.MachineClock;
import xen.kernel.time.TimelineImpl;
import xen.kernel.trap.ExitHandler;

/**
 * One powered-on machine: the parts of the core that are not tied to a domain, and the domains. Made by power-on, dropped by power-off.
 *
 * <p>Lock order: {@link #lock} (the core's lock: everything that hypercalls change) before the schedulers' pools' lock. Guest code runs
 * with neither. In virtual time one thread does everything and the lock is uncontended.
 */
public final class Core {
    /** Frees off-heap memory with the object that it belongs to: others may hold that object longer than the core does. */
    static final Cleaner CLEANER = Cleaner.create();

    public final MachineConfig config;
    public final MachineMemory memory;
    public final FrameTable frames;
    public final MachineClock clock;
    /** Guards all domain, frame, event and grant state; held while an exit is handled; a timeline action takes it when
     *  it needs it. */
    public final CoreLock lock;
    /** Ordered actions at machine times. */
    public final TimelineImpl timeline;
    /** CPU pools with the scheduler of each. */
    public final SchedulerPools schedulers;
    /** The pCPU loops. */
    public final Dispatcher dispatcher;
    /** Event channels of domain 0 and of driver domains: the Java side. */
    public final Dom0Ports dom0 = new Dom0Ports(this);
    public final HypercallTable hypercalls = new HypercallTable();
    public final ExitHandler exits = new ExitHandler(this);
    /** What the core and guests' emergency consoles print. */
    public final CoreLog log = new CoreLog(this);
    /** Pause, shutdown, crash and end of domains. */
    public final DomainLife life = new DomainLife(this);
    /** Told of changes in domains' lives. */
    public final List<DomainListener> listeners = new CopyOnWriteArrayList<>();
    private final Map<VcpuContext, VcpuImpl> vcpus = new ConcurrentHashMap<>();
    private volatile TraceSink trace;
    private final Map<Integer, DomainImpl> domains = new ConcurrentSkipListMap<>();
    /** Driver domains by name; under {@link #lock}. */
    final Map<String, DriverDomainImpl> drivers = new TreeMap<>();
    final DomainIds ids = new DomainIds(this);
    /** What tools of domain 0 left to their successors, by name. */
    final Map<String, byte[]> kept = new ConcurrentHashMap<>();
    private volatile Machine.Board board;
    /** Some domain has a time of its own: it was restored. */
    public volatile boolean offsets;
    /** CPU engine that was asked for; outlives boards. */
    volatile String engine = "auto";

    public Core(MachineConfig config, MachineMemory memory, FrameTable frames, MachineClock clock) {
        this.config = config;
        this.memory = memory;
        this.frames = frames;
        this.clock = clock;
        // fair in virtual time: the one thread that takes it all the time would starve a caller from outside
        lock = new CoreLock(clock.isVirtual());
        timeline = new TimelineImpl(clock);
        schedulers = new SchedulerPools(this);
        dispatcher = new Dispatcher(this);
    }

    public Machine.Board board() { return board; }

    /** Publishes the board of a (new) machine; called with all pCPUs stopped. */
    public void board(Machine.Board value) {
        board = value;
        observeBlocks();
    }

    public Cpu cpu(int pcpu) { return board.cpu(pcpu); }

    public int pcpus() { return config.topology().pcpus(); }

    /** The domain, or null. */
    public DomainImpl domain(int id) { return domains.get(id); }

    public Collection<DomainImpl> domains() { return domains.values(); }

    void add(DomainImpl d) {
        d.vcpus().forEach(v -> vcpus.put(v.context, v));
        domains.put(d.id(), d);
    }

    void remove(DomainImpl d) {
        domains.remove(d.id());
        d.vcpus().forEach(v -> vcpus.remove(v.context));
    }

    /** The vCPU of a context that a CPU runs. */
    VcpuImpl vcpu(VcpuContext c) { return vcpus.get(c); }

    /** Observer of exits and hypercalls, or null. */
    public TraceSink trace() { return trace; }

    /** Sets or (null) takes away the observer; with all pCPUs stopped. */
    void trace(TraceSink sink) {
        trace = sink;
        observeBlocks();
    }

    /** The board tells of blocks only when somebody wants them: each one costs. */
    private void observeBlocks() {
        TraceSink s = trace;
        board.trace(s == null || !s.wantsBlocks() ? null : (c, rip, n) -> {
            VcpuImpl v = vcpu(c);
            if (v != null) {
                s.block(v, rip, n);
            }
        });
    }
}
