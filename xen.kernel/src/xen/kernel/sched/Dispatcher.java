package xen.kernel.sched;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import xen.kernel.api.control.CostModel;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.Core;
import xen.kernel.core.CoreLock;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;
import xen.kernel.time.MachineClock;
import xen.kernel.time.TimelineImpl;

/**
 * Drives the pCPUs: chooses a vCPU, runs it, has its exits handled. In virtual time one thread does it for all ({@link VirtualLoop}); in
 * real time one thread a pCPU, and one that runs the timeline ({@link RealLoop}). This class is what both share, and the way in for
 * other threads: {@link #reschedule}, {@link #interrupt}, {@link #quiesced} (how: {@link Gates}).
 *
 * <p>Timeline actions run on the loop's threads without the core's lock; those of the core take it themselves.
 */
public final class Dispatcher implements TimelineImpl.Driver {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    final Core core;
    final MachineClock clock;
    final Pcpu[] pcpus;
    private final CostModel costs;
    private final Topology topology;
    private final Migrations migrations = new Migrations();
    private final List<Thread> threads = new ArrayList<>();
    volatile boolean stopping;
    private volatile Thread driver;
    private volatile boolean woken;
    private final Gates gates;
    /** Virtual mode, machine thread: cycle count of the last action (actions never go back in time), and where the window that is under
     *  way ends, 0 between two windows. */
    long acted, windowEnd;
    /** An idle pCPU got work: the virtual loop's windows are to be laid out anew. */
    volatile boolean disturbed;
    /** Runs guest code; for the loops. */
    final GuestRun runs;

    public Dispatcher(Core core) {
        this.core = core;
        clock = core.clock;
        costs = core.config.costs();
        topology = core.config.topology();
        pcpus = new Pcpu[core.pcpus()];
        for (int p = 0; p < pcpus.length; p++) {
            pcpus[p] = new Pcpu(p);
        }
        gates = new Gates(core.lock, pcpus);
        runs = new GuestRun(this, gates);
        core.timeline.driver(this);
    }

    /** Tests only, before start. */
    void exits(GuestExits e) { runs.exits(e); }

    /** Migrations of vCPUs since power-on. */
    public Migrations migrations() { return migrations; }

    // Life

    /** Starts the machine's threads; the board is attached. */
    public synchronized void start() {
        if (!threads.isEmpty()) {
            throw new IllegalStateException("the dispatcher runs already");
        }
        stopping = false;
        if (clock.isVirtual()) {
            Thread t = thread("xen-machine", new VirtualLoop(this));
            driver = t;
            for (Pcpu p : pcpus) {
                p.thread = t;
            }
        } else {
            RealLoop loop = new RealLoop(this);
            for (Pcpu p : pcpus) {
                p.thread = thread("xen-pcpu-" + p.id, () -> loop.drive(p));
            }
            driver = thread("xen-timer", loop::driveTimeline);
        }
        for (Pcpu p : pcpus) {
            p.resched = true;
        }
        threads.forEach(Thread::start);
    }

    private Thread thread(String name, Runnable body) {
        Thread t = new Thread(body, name);
        t.setDaemon(true);
        threads.add(t);
        return t;
    }

    /** Stops the threads and waits for them; vCPUs go back to the scheduler, so that {@link #start} goes on. Not with the core's
     *  lock held. On one of these threads (a timeline action that powers off) the caller's own ends when the action returns. */
    public synchronized void stop() {
        assert !core.lock.isHeldByCurrentThread() : "stop() with the core's lock held would wait for itself";
        stopping = true;
        wake();
        for (Pcpu p : pcpus) {
            interrupt(p.id);
        }
        boolean interrupted = false;
        for (Thread t : threads) {
            while (t.isAlive() && t != Thread.currentThread()) {
                try {
                    t.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        threads.clear();
        driver = null;
        for (Pcpu p : pcpus) {
            p.thread = null;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // From any thread

    /** Has the scheduler asked soon what {@code pcpu} shall run. */
    public void reschedule(int pcpu) {
        Pcpu p = pcpus[pcpu];
        if (p.current == null) {
            p.kickedAt = clock.isVirtual() ? clock.cycles() : 0;
            disturbed = true;
        }
        p.resched = true;
        interrupt(pcpu);
    }

    /** Makes {@code pcpu} leave its guest or its idleness and look around. */
    public void interrupt(int pcpu) {
        Pcpu p = pcpus[pcpu];
        if (p.thread == Thread.currentThread()) {
            return;
        }
        if (clock.isVirtual()) {
            // one thread drives all pCPUs: whichever it is in, it has to look around
            wake();
            return;
        }
        VcpuImpl v = p.current;
        if (v != null && p.inGuest) {
            v.context.attention();
        }
        if (core.lock.isHeldByCurrentThread()) {
            core.lock.afterwards(p.wake);
        } else {
            p.wake.run();
        }
    }

    /** True when nobody but the caller can be inside that pCPU's {@code Cpu.run}. */
    public boolean drives(int pcpu) {
        Thread t = pcpus[pcpu].thread;
        return clock.isVirtual() || t == null || t == Thread.currentThread();
    }

    /** True while no thread of the machine runs. */
    public boolean stands() { return driver == null; }

    @Override public boolean onDriverThread() { return Thread.currentThread() == driver; }

    @Override public void wake() {
        woken = true;
        if (clock.isVirtual()) {
            for (Pcpu p : pcpus) {
                VcpuImpl v = p.current;
                if (p.inGuest && v != null) {
                    v.context.attention();
                }
            }
        }
        LockSupport.unpark(driver);
    }

    /** The driver's thread: sleeps until {@link #wake} or for {@code nanos}. */
    void sleep(long nanos) {
        if (!woken && !stopping) {
            if (nanos == TimelineImpl.NEVER) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, nanos);
            }
        }
        woken = false;
    }

    /** Runs {@code action} with every pCPU between two instructions and the core's lock held; any thread. */
    public void quiesced(Runnable action) {
        BitSet all = new BitSet();
        all.set(0, pcpus.length);
        gates.closed(all, action);
    }

    /** Runs {@code action(p)} for each pCPU of {@code mask} while it is out of its guest; from the core, its lock held. */
    public void onAllPcpus(BitSet mask, IntConsumer action) { gates.closed(mask, () -> mask.stream().forEach(action)); }

    /** Runs {@code action} while all pCPUs of {@code mask} are out of their guests; from the core, its lock held. */
    public void whileOut(BitSet mask, Runnable action) { gates.closed(mask, action); }

    /** Takes the core's lock in a callback from {@code Cpu.run}; see {@link Gates}. */
    public void lockInRun() { gates.lockInRun(); }

    /**
     * Puts another machine's board in charge while the guests are between two instructions. Everything a machine holds is a cache, so
     * what the old one left in the contexts is erased. The old board is returned for closing.
     */
    public Machine.Board replaceBoard(Machine.Board next) {
        assert !core.lock.isHeldByCurrentThread() : "a board is replaced only when no CPU of the old one is inside run";
        Machine.Board[] old = new Machine.Board[1];
        quiesced(() -> {
            old[0] = core.board();
            core.board(next);
            for (DomainImpl d : core.domains()) {
                for (VcpuImpl v : d.vcpus()) {
                    Raw.zero(v.context.base + VcpuContext.TLB_TAGS, 16);
                    Raw.zero(v.context.base + VcpuContext.ENGINE, VcpuContext.FCW - VcpuContext.ENGINE);
                    v.sched.wantsResume = true;
                }
            }
        });
        return old[0];
    }

    // For the loops, on the thread that drives p

    /** Asks the scheduler what {@code p} shall run now. @return false = idle */
    boolean choose(Pcpu p) {
        core.lock.lock();
        try {
            core.lock.works(CoreLock.SCHEDULE);
            // cleared first: a kick that comes from now on is looked at again
            p.resched = false;
            VcpuImpl old = p.current;
            if (old != null) {
                old.sched.stoppedAt = p.cycles;
            }
            VcpuImpl next = core.schedulers.switcher.choose(p.id, clock.now());
            if (old != next) {
                if (old != null) {
                    old.time.scheduledOut(p.id);
                }
                p.current = next;
                if (next != null) {
                    scheduleIn(p, next);
                }
            }
            if (next != null) {
                p.sliceEnd = clock.now() + core.schedulers.switcher.slice(next, p.id);
                p.sliceEndCycles = clock.cyclesFor(p.sliceEnd);
            }
            return next != null;
        } finally {
            core.lock.unlock();
        }
    }

    private void scheduleIn(Pcpu p, VcpuImpl v) {
        if (clock.isVirtual()) {
            // pCPUs are a window apart: a vCPU that moves takes its time along, so that its clock never runs backwards
            p.cycles = Math.max(p.cycles, v.sched.stoppedAt);
            if (p.last != v) {
                p.cycles += costs.switchCycles();
            }
            p.cycles += costs.warmUp(topology, v.sched.cameFrom, p.id);
            clock.cycles(p.cycles);
        }
        p.last = v;
        migrations.count(topology, v.sched.cameFrom, p.id);
        v.domain.memory.markDirty(p.id);
        v.sched.wantsResume = true;
        v.time.scheduledIn(p.id);
    }

    /** The loop ends: gives the vCPU back. */
    void release(Pcpu p) {
        core.lock.lock();
        try {
            VcpuImpl old = core.schedulers.switcher.release(p.id, clock.now());
            p.current = null;
            if (old != null) {
                old.sched.stoppedAt = p.cycles;
                old.time.scheduledOut(p.id);
            }
        } finally {
            core.lock.unlock();
        }
    }

    /** Runs a timeline action; its failure is logged and harms nobody else. */
    void act(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.error("timeline action failed", e);
        }
    }
}
