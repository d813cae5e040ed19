package xen.kernel.driver;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import xen.kernel.api.block.BlockBacking;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.BlockFormat;
import xen.kernel.api.block.DiskModelFactory;
import xen.kernel.api.block.DiskScheduler;
import xen.kernel.api.block.DiskSchedulerFactory;
import xen.kernel.api.block.DriverFault;
import xen.kernel.api.block.DriverHost;
import xen.kernel.api.block.FaultInjection;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.StartKind;
import xen.kernel.api.block.VbdConfig;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.hypercall.Errno;

/** Virtual disks, the machine's disks and the block driver of one machine. See the package for how they play together. */
public final class BlockCore implements BlockControl, FaultInjection {
    public static final String FIFO = "fifo";
    private static final String NO_MODEL = "none";
    private static final int IO_THREADS = 4;

    /** What bundles brought; shared by all cores. */
    static final class Plugins {
        final Map<String, BlockFormat> formats = new ConcurrentSkipListMap<>();
        final Map<String, DiskModelFactory> models = new ConcurrentSkipListMap<>();
        final Map<String, DiskSchedulerFactory> schedulers = new ConcurrentSkipListMap<>();
    }

    final ReentrantLock lock = new ReentrantLock();
    /** An I/O thread is done with somebody's memory. */
    final Condition transferDone = lock.newCondition();
    final DriverHost host;
    final Supervisor supervisor = new Supervisor(this);
    final Doorbell doorbell = new Doorbell(this);
    final List<VbdImpl> vbds = new CopyOnWriteArrayList<>();
    private final Plugins plugins;
    private final Map<String, DiskQueue> disks = new TreeMap<>();
    private String selected = FIFO;
    /** Requests under way. */
    int journalled;
    /** Rings with answers that their front ends do not see yet. */
    final List<BlkRing> unshown = new ArrayList<>();
    private long sequence;
    private int lastId;
    private ExecutorService workers;

    BlockCore(DriverHost host, Plugins plugins) {
        this.host = host;
        this.plugins = plugins;
    }

    /** The machine is on, as far as disks are concerned. */
    boolean on() { return !vbds.isEmpty(); }

    /** Gives the lock back at the end of a turn from outside; in virtual time the driver then does what it was told in it. */
    void leave() {
        boolean outermost = lock.getHoldCount() == 1;
        lock.unlock();
        if (outermost) {
            supervisor.await();
        }
    }

    /** Shows front ends what was answered. */
    void showAnswers() {
        for (int i = 0; i < unshown.size(); i++) {
            unshown.get(i).push();
        }
        unshown.clear();
    }

    // Journal

    void taken(JournalEntry e) {
        e.sequence = ++sequence;
        e.taken = e.arrived = host.timeline().now();
        journalled++;
        if (e.valid()) {
            e.ring.vbd.liveAdd(e);
        }
        supervisor.watch();
        supervisor.request(e);
    }

    void answered(JournalEntry e, int status) {
        journalled--;
        if (e.live) {
            e.ring.vbd.queue.release(e);
        }
        e.ring.vbd.count(e, status);
        e.ring.respond(e, status);
    }

    /** All entries in use, oldest first. */
    List<JournalEntry> underWay() {
        List<JournalEntry> all = new ArrayList<>();
        for (VbdImpl v : vbds) {
            for (BlkRing r : v.rings) {
                for (JournalEntry e : r.entries) {
                    if (e.state != JournalEntry.State.FREE) {
                        all.add(e);
                    }
                }
            }
        }
        all.sort(Comparator.comparingLong(e -> e.sequence));
        return all;
    }

    // Domain 0

    @Override public ManagedVbd create(VbdConfig config) {
        BlockFormat format = plugins.formats.get(config.format());
        if (format == null) {
            throw new HypervisorException(Errno.ENOENT, "no disk format '" + config.format() + "': there are " + plugins.formats.keySet());
        }
        BlockBacking backing;
        try {
            backing = format.open(config.target(), config.readOnly());
        } catch (IOException e) {
            throw new HypervisorException(Errno.EIO, e.getMessage());
        }
        lock.lock();
        try {
            VbdImpl v = new VbdImpl(this, disk(config.disk()), backing, config, ++lastId);
            v.queue.admit(v, v);
            vbds.add(v);
            supervisor.ensure();
            return v;
        } catch (RuntimeException e) {
            try {
                backing.close();
            } catch (IOException x) {
                e.addSuppressed(x);
            }
            throw e;
        } finally {
            leave();
        }
    }

    private DiskQueue disk(String wanted) {
        String name = wanted == null ? host.virtual() && plugins.models.containsKey("ssd") ? "ssd" : NO_MODEL : wanted;
        DiskQueue q = disks.get(name);
        if (q != null) {
            return q;
        }
        String kind = name.contains(":") ? name.substring(0, name.indexOf(':')) : name;
        DiskModelFactory f = plugins.models.get(kind);
        if (f == null && !kind.equals(NO_MODEL)) {
            throw new HypervisorException(Errno.ENOENT, "no disk model '" + kind + "': there are " + plugins.models.keySet() + " and " + NO_MODEL);
        }
        q = new DiskQueue(this, name, f == null ? null : f.create(1L << 31), host.virtual() ? null : workers());
        disks.put(name, q);
        DiskSchedulerFactory s = plugins.schedulers.get(selected);
        if (s != null) {
            q.select(selected, s.create());
        }
        return q;
    }

    private ExecutorService workers() {
        if (workers == null) {
            workers = Executors.newFixedThreadPool(IO_THREADS, Thread.ofPlatform().daemon().name("disk-io-", 0).factory());
        }
        return workers;
    }

    @Override public List<ManagedVbd> list() { return List.copyOf(vbds); }

    @Override public int maxIndirectSegments() { return JournalEntry.INDIRECT_SEGMENTS; }

    @Override public Map<String, String> driver() {
        lock.lock();
        try {
            return supervisor.report();
        } finally {
            lock.unlock();
        }
    }

    @Override public void restartDriver() {
        DriverInstance i;
        lock.lock();
        try {
            if (!on()) {
                throw new HypervisorException(Errno.ENODEV, "no driver is at work: attach a disk first");
            }
            i = supervisor.replace(StartKind.HANDOVER);
        } finally {
            leave();
        }
        if (i != null) {
            supervisor.awaitStart(i);
        }
    }

    @Override public void injectFault(DriverFault fault) {
        lock.lock();
        try {
            supervisor.inject(fault);
        } finally {
            lock.unlock();
        }
    }

    @Override public void selectScheduler(String disk, String name) {
        DiskSchedulerFactory f = plugins.schedulers.get(name);
        if (f == null && !name.equals(FIFO)) {
            throw new HypervisorException(Errno.ENOENT, "no disk scheduler '" + name + "': there are " + plugins.schedulers.keySet() + " and " + FIFO);
        }
        lock.lock();
        try {
            if (disk != null && !disks.containsKey(disk)) {
                throw new HypervisorException(Errno.ENOENT, "no disk '" + disk + "': there are " + disks.keySet());
            }
            for (DiskQueue q : disk == null ? disks.values() : List.of(disks.get(disk))) {
                DiskScheduler s = f == null ? new FifoScheduler() : f.create();
                q.select(name, s);
            }
            if (disk == null) {
                selected = name;
            }
        } finally {
            leave();
        }
    }

    /** A scheduler's bundle goes: first in, first out goes on. */
    void schedulerRemoved(String name) {
        lock.lock();
        try {
            for (DiskQueue q : disks.values()) {
                if (q.scheduler().equals(name)) {
                    q.select(FIFO, new FifoScheduler());
                }
            }
        } finally {
            leave();
        }
    }

    /** A scheduler's bundle came: where it was wanted it takes over. */
    void schedulerAdded(String name, DiskSchedulerFactory f) {
        lock.lock();
        try {
            for (DiskQueue q : disks.values()) {
                if (name.equals(selected)) {
                    q.select(name, f.create());
                }
            }
        } finally {
            leave();
        }
    }

    @Override public Map<String, String> schedulers() {
        lock.lock();
        try {
            Map<String, String> m = new TreeMap<>();
            disks.forEach((n, q) -> m.put(n, q.scheduler()));
            return m;
        } finally {
            lock.unlock();
        }
    }

    @Override public Map<String, Map<String, Long>> diskCounters() {
        lock.lock();
        try {
            Map<String, Map<String, Long>> m = new TreeMap<>();
            disks.forEach((n, q) -> m.put(n, q.counters()));
            return m;
        } finally {
            lock.unlock();
        }
    }

    /** No devices any more: everything is given up. */
    void close() {
        vbds.forEach(VbdImpl::close);
        lock.lock();
        try {
            supervisor.powerOff();
            disks.clear();
            if (workers != null) {
                workers.shutdown();
                workers = null;
            }
        } finally {
            leave();
        }
    }
}
