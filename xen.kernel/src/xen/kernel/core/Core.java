package xen.kernel.core;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.event.Dom0Ports;
import xen.kernel.hypercall.HypercallTable;
import xen.kernel.mm.FrameTable;
import xen.kernel.sched.Dispatcher;
import xen.kernel.sched.SchedulerPool;
import xen.kernel.time.MachineClock;
import xen.kernel.time.TimelineImpl;
import xen.kernel.trap.ExitHandler;

/**
 * One powered-on machine: the parts of the core that are not tied to a domain, and the domains. Made by power-on, dropped by power-off.
 *
 * <p>Lock order: {@link #lock} (the core's lock: everything that hypercalls change) before the scheduler's pool lock. Guest code runs
 * with neither. In virtual time one thread does everything and the lock is uncontended.
 */
public final class Core {
    public final MachineConfig config;
    public final MachineMemory memory;
    public final FrameTable frames;
    public final MachineClock clock;
    /** Guards all domain, frame, event and grant state; held while an exit is handled and while the timeline's actions run. */
    public final ReentrantLock lock = new ReentrantLock();
    /** Ordered actions at machine times. */
    public final TimelineImpl timeline;
    /** Scheduler in charge, and its swap. */
    public final SchedulerPool schedulers;
    /** The pCPU loops. */
    public final Dispatcher dispatcher;
    /** Event channels of domain 0, the Java side. */
    public final Dom0Ports dom0 = new Dom0Ports(this);
    public final HypercallTable hypercalls = new HypercallTable();
    public final ExitHandler exits = new ExitHandler(this);
    private final Map<Integer, DomainImpl> domains = new ConcurrentSkipListMap<>();
    private volatile Machine.Board board;

    public Core(MachineConfig config, MachineMemory memory, FrameTable frames, MachineClock clock) {
        this.config = config;
        this.memory = memory;
        this.frames = frames;
        this.clock = clock;
        timeline = new TimelineImpl(clock);
        schedulers = new SchedulerPool(this);
        dispatcher = new Dispatcher(this);
    }

    public Machine.Board board() { return board; }

    /** Publishes the board of a (new) machine; called with all pCPUs stopped. */
    public void board(Machine.Board value) { board = value; }

    public Cpu cpu(int pcpu) { return board.cpu(pcpu); }

    public int pcpus() { return config.topology().pcpus(); }

    /** The domain, or null. */
    public DomainImpl domain(int id) { return domains.get(id); }

    public Collection<DomainImpl> domains() { return domains.values(); }

    void add(DomainImpl d) { domains.put(d.id(), d); }

    void remove(DomainImpl d) { domains.remove(d.id()); }

    /** Drops cached translations of the vCPU's domain on every pCPU that may hold them, by its dirty mask. */
    public void flushDomain(DomainImpl d) {
        for (int p = 0; p < pcpus(); p++) {
            if (d.memory.dirtyOn(p)) {
                cpu(p).flushAll();
            }
        }
    }
}
