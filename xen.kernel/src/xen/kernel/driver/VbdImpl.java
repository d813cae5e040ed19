package xen.kernel.driver;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import xen.kernel.api.block.BlockBacking;
import xen.kernel.api.block.BlockOp;
import xen.kernel.api.block.DiskClient;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.RingConfig;
import xen.kernel.api.block.ServiceClass;
import xen.kernel.api.block.VbdConfig;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.hypercall.Errno;

/** A virtual disk: its image, its place on a disk of the machine, its rings, and the parameters that outlive every plugin. */
final class VbdImpl implements ManagedVbd, DiskClient {
    private static final Logger LOG = LoggerFactory.getLogger(VbdImpl.class);

    /** Failed transfers that are told one by one. */
    private static final int TOLD = 5;

    final BlockCore core;
    final DiskQueue queue;
    final BlockBacking backing;
    final long base;
    /** What drivers see of it. */
    final VbdView view = new VbdView(this);
    final List<BlkRing> rings = new ArrayList<>();
    /** Keeps its limit. */
    final Pace pace = new Pace();
    /** Pages that are mapped, whoever holds them. */
    final GrantList grants = new GrantList();
    /** Pages that are mapped together, each for a request under way. */
    int batched;
    private final VbdConfig config;
    private final int id;
    private final long[] byOp = new long[BlockOp.values().length];
    private volatile int weight;
    private volatile ServiceClass serviceClass;
    private volatile int reservation, limit;
    private boolean persistent, closed;
    private final AtomicInteger told = new AtomicInteger();
    private long answered, errors, sectorsRead, sectorsWritten, latencyNanos, longestNanos;
    long serviceNanos;
    /** Who hears of the front end's faults; null while the tool stack is replaced: then the report waits. Under the core's lock. */
    private Consumer<String> onFault;
    private String untold;
    /** Valid requests that were taken and that the disk has not done, oldest first, and how many of them are held for earlier ones. */
    private JournalEntry liveHead, liveTail;
    int held;

    VbdImpl(BlockCore core, DiskQueue queue, BlockBacking backing, VbdConfig config, int id) {
        this.core = core;
        this.queue = queue;
        this.backing = backing;
        this.config = config;
        this.id = id;
        weight = config.weight();
        serviceClass = config.serviceClass();
        reservation = config.reservation();
        limit = config.limit();
        base = queue.allot(backing.sectors());
    }

    // Live requests

    /** How many that came before it has it to wait for. */
    int blockers(JournalEntry e) {
        int blockers = 0;
        for (JournalEntry l = liveHead; l != e; l = l.liveNext) {
            blockers += l.holds(e) ? 1 : 0;
        }
        return blockers;
    }

    /** A valid request was taken: its place in the order is fixed, whatever the driver does with it. */
    void liveAdd(JournalEntry e) {
        e.live = true;
        e.blockers = 0;
        e.livePrevious = liveTail;
        e.liveNext = null;
        if (liveTail == null) {
            liveHead = e;
        } else {
            liveTail.liveNext = e;
        }
        liveTail = e;
    }

    void liveRemove(JournalEntry e) {
        e.live = false;
        if (e.livePrevious == null) {
            liveHead = e.liveNext;
        } else {
            e.livePrevious.liveNext = e.liveNext;
        }
        if (e.liveNext == null) {
            liveTail = e.livePrevious;
        } else {
            e.liveNext.livePrevious = e.livePrevious;
        }
        e.liveNext = e.livePrevious = null;
    }

    void count(JournalEntry e, int status) {
        byOp[e.op.ordinal()]++;
        errors += status == 0 ? 0 : 1;
        long latency = core.host.timeline().now() - e.taken;
        answered++;
        latencyNanos += latency;
        longestNanos = Math.max(longestNanos, latency);
        if (e.op == BlockOp.READ) {
            sectorsRead += e.length;
        } else if (e.op.transfers()) {
            sectorsWritten += e.length;
        }
    }

    /** A transfer failed; any thread. A full disk fails for every request: some are told, the rest are counted. */
    void failed(JournalEntry e, Throwable why) {
        int n = told.incrementAndGet();
        LOG.atLevel(n <= TOLD ? Level.WARN : Level.DEBUG).log("{} failed: {}{}", e, why.getMessage() == null ? why.toString() : why.getMessage(),
                n == TOLD ? "; further failures of this disk are only counted, see block-list" : "");
    }

    // Front end

    boolean connected() { return !rings.isEmpty(); }

    @Override public void connect(List<RingConfig> configs, boolean reuse) {
        core.lock.lock();
        try {
            disconnect();
            persistent = reuse;
            try {
                for (RingConfig c : configs) {
                    int pages = c.refs().length;
                    if (Integer.bitCount(pages) != 1 || pages > 1 << RingConfig.MAX_ORDER) {
                        throw new HypervisorException(Errno.EINVAL, "a ring of " + pages + " pages: a power of two up to " + (1 << RingConfig.MAX_ORDER) + " is possible");
                    }
                    rings.add(new BlkRing(this, c));
                }
            } catch (RuntimeException e) {
                closeRings();
                throw e;
            }
            core.supervisor.ensure();
            core.supervisor.attach(this);
            poll();
        } finally {
            core.leave();
        }
    }

    /** Looks into all rings; nonsense in one of them closes all. */
    void poll() { List.copyOf(rings).forEach(BlkRing::poll); }

    @Override public void disconnect() {
        core.lock.lock();
        try {
            if (rings.isEmpty()) {
                return;
            }
            for (BlkRing r : rings) {
                r.leave();
                for (JournalEntry e : r.entries) {
                    abandon(e);
                }
            }
            queue.pass(this);
            while (rings.stream().anyMatch(VbdImpl::transfers)) {
                core.transferDone.awaitUninterruptibly();
            }
            closeRings();
            core.supervisor.detach(this);
            grants.forEach(GrantHandle::unmap);
        } finally {
            core.leave();
        }
    }

    /** What lies at the disk goes through its queue as an empty shell: schedulers are not asked to forget. */
    private void abandon(JournalEntry e) {
        if (e.state == JournalEntry.State.FREE) {
            return;
        }
        core.journalled--;
        e.cancelled = true;
        if (e.state != JournalEntry.State.SUBMITTED) {
            e.state = JournalEntry.State.FREE;
            if (e.live) {
                queue.release(e);
            }
        }
    }

    private static boolean transfers(BlkRing r) {
        for (JournalEntry e : r.entries) {
            if (e.inTransfer) {
                return true;
            }
        }
        return false;
    }

    private void closeRings() {
        rings.forEach(BlkRing::close);
        rings.clear();
    }

    @Override public void onFault(Consumer<String> listener) {
        core.lock.lock();
        try {
            onFault = listener;
            if (untold != null) {
                tell(untold);
            }
        } finally {
            core.lock.unlock();
        }
    }

    /** On the timeline: the listener has locks of its own. */
    private void tell(String report) {
        Consumer<String> listener = onFault;
        untold = listener == null ? report : null;
        if (listener != null) {
            core.host.timeline().post(() -> listener.accept(report));
        }
    }

    /** The front end wrote what no front end may write: its device is closed, the others go on. */
    void fault(String what) {
        String report = this + " is closed: its front end wrote nonsense into the ring: " + what;
        LOG.warn("{}", report);
        disconnect();
        tell(report);
    }

    @Override public void close() {
        core.lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            disconnect();
            core.vbds.remove(this);
            queue.changed(this);
            if (!core.on()) {
                core.supervisor.powerOff();
            }
        } finally {
            core.leave();
        }
        try {
            backing.close();
        } catch (IOException e) {
            LOG.warn("closing {}: {}", config.target(), e.toString());
        }
    }

    // Parameters

    @Override public void parameters(int newWeight, ServiceClass newClass, int newReservation, int newLimit) {
        if (newWeight < 1 || newWeight > 65535) {
            throw new HypervisorException(Errno.EINVAL, "weight " + newWeight + ": 1 to 65535 are possible");
        }
        if (newReservation < 0 || newLimit < 0 || newLimit > 0 && newLimit < newReservation) {
            throw new HypervisorException(Errno.EINVAL, "reservation " + newReservation + ", limit " + newLimit + ": requests a second, the limit not below what is reserved");
        }
        if (newReservation > 0 && newClass != ServiceClass.REALTIME) {
            throw new HypervisorException(Errno.EINVAL, "reservation " + newReservation + " is promised to the class realtime only: name that class, or take it away with 0");
        }
        core.lock.lock();
        try {
            queue.admit(this, new Wish(this, newWeight, newClass, newReservation, newLimit));
            weight = newWeight;
            serviceClass = newClass;
            reservation = newReservation;
            limit = newLimit;
            queue.changed(this);
        } finally {
            core.leave();
        }
    }

    /** The device with other parameters. */
    private record Wish(DiskClient of, int weight, ServiceClass serviceClass, int reservation, int limit) implements DiskClient {
        @Override public int id() { return of.id(); }
        @Override public String name() { return of.name(); }
        @Override public long deadlineNanos() { return of.deadlineNanos(); }
    }

    @Override public boolean refresh() {
        try {
            return backing.refresh();
        } catch (IOException e) {
            LOG.warn("looking at the size of {}: {}", config.target(), e.toString());
            return false;
        }
    }

    @Override public int underWay() {
        core.lock.lock();
        try {
            return inJournal();
        } finally {
            core.lock.unlock();
        }
    }

    @Override public int id() { return id; }
    @Override public String name() { return "d" + config.domid() + "/" + config.device(); }
    @Override public int weight() { return weight; }
    @Override public ServiceClass serviceClass() { return serviceClass; }
    @Override public long deadlineNanos() { return config.deadlineNanos(); }
    @Override public int reservation() { return reservation; }
    @Override public int limit() { return limit; }
    @Override public int backendDomid() { return core.host.domid(); }
    @Override public int domid() { return config.domid(); }
    @Override public int device() { return config.device(); }
    @Override public long sectors() { return backing.sectors(); }
    @Override public int sectorSize() { return backing.sectorSize(); }
    @Override public boolean discards() { return backing.discards() && !readOnly(); }
    @Override public boolean readOnly() { return config.readOnly() || backing.readOnly(); }
    @Override public boolean persistent() { return persistent; }
    @Override public VbdConfig config() { return config; }
    @Override public String toString() { return "vbd " + name() + " (" + config.target() + ")"; }

    private int inJournal() {
        int n = 0;
        for (BlkRing r : rings) {
            for (JournalEntry e : r.entries) {
                n += e.state == JournalEntry.State.FREE ? 0 : 1;
            }
        }
        return n;
    }

    @Override public Map<String, Long> counters() {
        core.lock.lock();
        try {
            return counted();
        } finally {
            core.lock.unlock();
        }
    }

    private Map<String, Long> counted() {
        Map<String, Long> m = new TreeMap<>();
        for (BlockOp o : BlockOp.values()) {
            m.put(o.name().toLowerCase(Locale.ROOT), byOp[o.ordinal()]);
        }
        m.put("answered", answered);
        m.put("errors", errors);
        m.put("latency_ns", latencyNanos);
        m.put("latency_max_ns", longestNanos);
        m.put("service_ns", serviceNanos);
        m.put("sectors_read", sectorsRead);
        m.put("sectors_written", sectorsWritten);
        m.put("rings", (long) rings.size());
        m.put("under_way", (long) inJournal());
        m.put("grants_mapped", (long) grants.size() + batched);
        return m;
    }
}
