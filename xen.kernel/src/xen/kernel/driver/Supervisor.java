package xen.kernel.driver;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.DriverFault;
import xen.kernel.api.block.StartKind;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.hypercall.Errno;

/**
 * Keeps a driver instance at work: starts, watches, fences and restarts it. A failed instance is fenced at once (its capability ends, its
 * grants go unless the disk uses them); the next one starts at once, then, while failures follow each other, after 1 ms, 2 ms, up to 1 s
 * of machine time. A successor is built beside the instance in charge, on its own thread, and takes over when it stands.
 *
 * <p>A call that does not come back: in real time the heartbeat finds it. In virtual time whoever waits for the driver finds it, after
 * however much host time; the machine then goes on without, and the end of the instance comes {@link #STUCK} of machine time after the
 * call began, whatever the host. Under the block core's lock.
 */
final class Supervisor {
    /** How often a driver with work is looked at, and how long a request may lie with it. */
    static final long HEARTBEAT = 20_000_000L, STUCK = 50_000_000L;
    /** How long an instance serves on when its bundle has gone. */
    private static final long GRACE = 250_000_000L;
    private static final long CALM = 1_000_000_000L, FIRST_WAIT = 1_000_000L, LONGEST_WAIT = 1_000_000_000L;
    /** A swap waits that long for the successor to stand; host time, as it is a person's. */
    private static final long PATIENCE_NANOS = 5_000_000_000L;
    private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);

    private final BlockCore core;
    private final Map<String, BlockDriver> drivers = new LinkedHashMap<>();
    /** Instances whose thread is in use, in charge or not. */
    private final List<DriverInstance> live = new CopyOnWriteArrayList<>();
    private final Condition changed;
    private volatile DriverInstance current;
    private DriverInstance next;
    private ExecutorService threads;
    private boolean beating, waiting;
    /** Counts machines: what was planned in the time of an earlier one does not happen. */
    private int era;
    private long backOff, lastFailure = Long.MIN_VALUE / 2;
    private long restarts, swaps, failures;
    private final Pauses pauses = new Pauses();
    private String lastFault = "";

    Supervisor(BlockCore core) {
        this.core = core;
        changed = core.lock.newCondition();
    }

    private long now() { return core.host.timeline().now(); }

    // Services

    void added(String name, BlockDriver d) {
        drivers.remove(name);
        drivers.put(name, d);
        if (core.on()) {
            replace(current == null && !pauses.open() ? StartKind.FRESH : StartKind.HANDOVER);
        }
    }

    void removed(String name, BlockDriver d) {
        if (drivers.get(name) != d) {
            return;
        }
        drivers.remove(name);
        if (next != null && next.name.equals(name)) {
            next.fence();
            next = null;
        }
        DriverInstance i = current;
        if (i == null || !i.name.equals(name)) {
            return;
        }
        if (!drivers.isEmpty()) {
            replace(StartKind.HANDOVER);
            return;
        }
        // an update brings its successor in a moment: until then it serves on
        at(now() + GRACE, () -> {
            if (current == i) {
                pauses.begin(now(), false);
                fence();
            }
        });
    }

    /** Starts the newest driver if none is at work. */
    void ensure() {
        if (current == null && next == null && !waiting) {
            replace(StartKind.FRESH);
        }
    }

    /** The machine is off, or has no disk any more. */
    void powerOff() {
        if (next != null) {
            next.fence();
            next = null;
        }
        fence();
        pauses.drop();
        // the next machine's time begins anew
        era++;
        waiting = beating = false;
        lastFailure = Long.MIN_VALUE / 2;
        if (threads != null) {
            threads.shutdown();
            threads = null;
        }
    }

    // Replacement

    /** Builds a new instance of the newest driver beside the one in charge; a failure leaves that one at work. */
    DriverInstance replace(StartKind kind) {
        if (drivers.isEmpty()) {
            return null;
        }
        if (next != null) {
            next.fence();
        }
        Map.Entry<String, BlockDriver> newest = new ArrayList<>(drivers.entrySet()).getLast();
        DriverInstance i = new DriverInstance(core, newest.getKey(), newest.getValue(), kind);
        next = i;
        live.add(i);
        if (!i.inline) {
            execute(i);
        }
        if (!core.host.virtual()) {
            at(now() + PATIENCE_NANOS, () -> {
                if (next == i) {
                    i.lose();
                    gone(i, "start");
                }
            });
        }
        return i;
    }

    private void execute(DriverInstance i) {
        if (threads == null) {
            threads = Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("driver-blk-", 0).factory());
        }
        threads.execute(i);
    }

    /** It stands. */
    void started(DriverInstance i) {
        if (next != i) {
            return;
        }
        next = null;
        i.stands();
        if (i.kind != StartKind.FRESH) {
            pauses.begin(now(), i.kind == StartKind.RESTART);
        }
        fence();
        current = i;
        swaps += i.kind == StartKind.HANDOVER ? 1 : 0;
        restarts += i.kind == StartKind.RESTART ? 1 : 0;
        changed.signalAll();
        resume(i);
    }

    /** Shows the instance all devices and what was under way, oldest first. */
    private void resume(DriverInstance i) {
        for (VbdImpl v : core.vbds) {
            if (v.connected()) {
                attach(v);
            }
        }
        for (JournalEntry e : core.underWay()) {
            if (e.state == JournalEntry.State.TAKEN) {
                e.unbind();
                e.mapFailed = false;
                request(e);
            } else if (e.state == JournalEntry.State.DONE) {
                completed(e);
            }
        }
        for (VbdImpl v : core.vbds) {
            v.rings.forEach(BlkRing::poll);
        }
    }

    /** It has dealt with all it was told: if guests had to wait for it, they have not any more. */
    void rests(DriverInstance i) {
        if (i == current && pauses.open()) {
            pauses.end(now());
        }
    }

    void ended(DriverInstance i) { live.remove(i); }

    /** True when the caller is the driver's thread and will make that transfer itself. */
    boolean takes(JournalEntry e) {
        DriverInstance i = current;
        return i != null && i.domain.atHand.take(e);
    }

    /** Somebody is in charge. */
    boolean serves() { return current != null; }

    // What the instance in charge is told

    void attach(VbdImpl v) { tell(DriverInstance.Call.ATTACH, v.view, 0); }
    void detach(VbdImpl v) { tell(DriverInstance.Call.DETACH, v.view, 0); }
    void request(JournalEntry e) { tell(DriverInstance.Call.REQUEST, e, e.sequence); }
    void completed(JournalEntry e) { tell(DriverInstance.Call.COMPLETED, e, e.sequence); }

    private void tell(DriverInstance.Call c, Object subject, long sequence) {
        if (subject instanceof JournalEntry e) {
            e.shownAt = Long.MAX_VALUE;
        }
        DriverInstance i = current;
        if (i != null) {
            i.tell(c, subject, sequence);
        }
    }

    /** In virtual time: waits until no instance has anything more to do, or does it. Without the lock; nothing to wait for on a driver's own thread. */
    void await() {
        if (live.isEmpty() || !core.host.virtual()) {
            return;
        }
        Thread me = Thread.currentThread();
        for (boolean again = true; again;) {
            again = false;
            for (DriverInstance i : live) {
                if (i.thread == me) {
                    return;
                }
                if (i.busy()) {
                    i.awaitQuiet();
                    again = true;
                }
            }
        }
    }

    // Failures

    /** The driver threw. */
    void failed(DriverInstance i, DriverInstance.Call call, Throwable t) {
        if (i == next) {
            next = null;
            i.fence();
            lastFault = i.name + " did not start: " + t;
            LOG.warn("block driver {} did not start: {}", i.name, t.toString());
            LOG.debug("block driver {} did not start", i.name, t);
            changed.signalAll();
            if (current == null) {
                retry();
            }
        } else if (i == current) {
            LOG.debug("block driver {} failed in {}", i.name, call, t);
            fail(i, "failed in " + DriverInstance.word(call) + ": " + t);
        }
    }

    /** Wrong use of the capability: fences the instance. @return never; what is thrown is for the driver */
    IllegalStateException wild(DriverInstance i, String what) {
        IllegalStateException wrong = new IllegalStateException(what);
        if (i == next) {
            failed(i, DriverInstance.Call.START, wrong);
        } else {
            fail(i, "wild: " + what);
        }
        throw wrong;
    }

    /** In virtual time: {@code i} does not come back. The machine goes on; the failure has its own time. */
    void hangs(DriverInstance i) {
        String call = i.callName();
        i.lose();
        if (i == current) {
            pauses.begin(now(), true);
        }
        at(now() + STUCK, () -> gone(i, call));
    }

    /** At that machine time, unless the machine is another one by then. */
    private void at(long nanos, Runnable action) {
        int then = era;
        core.host.timeline().at(nanos, () -> {
            core.lock.lock();
            try {
                if (then == era) {
                    action.run();
                }
            } finally {
                core.leave();
            }
        });
    }

    /** A call did not come back; the instance is fenced already. */
    private void gone(DriverInstance i, String call) {
        if (i == next) {
            failed(i, DriverInstance.Call.START, new IllegalStateException("does not come back"));
        } else {
            fail(i, "does not come back from " + call);
        }
    }

    private void fail(DriverInstance i, String why) {
        if (i != current) {
            return;
        }
        failures++;
        lastFault = i.name + " " + why;
        // a driver that fails again and again is told of a few times
        LOG.atLevel(failures <= 10 ? Level.WARN : Level.DEBUG).log("block driver {}; {} requests are under way", lastFault, core.journalled);
        pauses.begin(now(), true);
        fence();
        retry();
    }

    private void retry() {
        if (waiting) {
            return;
        }
        waiting = true;
        long now = now();
        backOff = now - lastFailure > CALM ? 0 : backOff == 0 ? FIRST_WAIT : Math.min(2 * backOff, LONGEST_WAIT);
        lastFailure = now;
        at(now + backOff, () -> {
            waiting = false;
            if (current == null && next == null && core.on()) {
                replace(StartKind.RESTART);
            }
        });
    }

    /** From here on the instance in charge can do nothing. */
    private void fence() {
        DriverInstance i = current;
        current = null;
        if (i == null) {
            return;
        }
        i.fence();
        for (VbdImpl v : core.vbds) {
            v.grants.forEach(g -> {
                if (g.owner == i.domain) {
                    g.closed();
                }
            });
        }
    }

    // Heartbeat

    /** Work came: watch until it is done. */
    void watch() {
        if (!beating) {
            beating = true;
            at(now() + HEARTBEAT, this::beat);
        }
    }

    private void beat() {
        beating = false;
        if (core.journalled == 0 || !core.on()) {
            return;
        }
        watch();
        DriverInstance i = current;
        if (i == null || i.lost()) {
            return;
        }
        if (!core.host.virtual() && i.watchdog.hangs()) {
            String call = i.callName();
            i.lose();
            pauses.begin(now() - i.watchdog.lasted(), true);
            gone(i, call);
            return;
        }
        i.askAlive();
        long limit = now() - STUCK;
        for (JournalEntry e : core.underWay()) {
            if (e.shownAt < limit && (e.state == JournalEntry.State.TAKEN || e.state == JournalEntry.State.DONE) && !i.serves(e)) {
                fail(i, "does nothing with " + e);
                return;
            }
        }
    }

    // Domain 0

    /** Waits until {@code i} is in charge. Without the lock. */
    void awaitStart(DriverInstance i) {
        core.lock.lock();
        try {
            for (long left = PATIENCE_NANOS; next == i && left > 0;) {
                left = changed.awaitNanos(left);
            }
            if (!i.stood()) {
                throw new HypervisorException(Errno.EIO, "the driver was not replaced: " + lastFault + "; the one in charge goes on");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            core.lock.unlock();
        }
    }

    void inject(DriverFault f) {
        DriverInstance i = current;
        if (i == null) {
            throw new HypervisorException(Errno.ENODEV, "no driver is at work: attach a disk first");
        }
        i.armed = f;
    }

    long failures() { return failures; }

    Map<String, String> report() {
        Map<String, String> m = new TreeMap<>();
        DriverInstance i = current;
        m.put("driver", i == null ? "none" : i.name);
        m.put("domain", Integer.toString(core.host.domid()));
        m.put("state", i != null ? i.lost() ? "does not come back" : "running" : next != null ? "starting" : waiting ? "waits for its restart" : "absent");
        m.put("thread", i == null || i.thread == null ? "-" : i.thread.getName());
        m.put("failures", Long.toString(failures));
        m.put("restarts", Long.toString(restarts));
        m.put("swaps", Long.toString(swaps));
        m.put("requests.under.way", Integer.toString(core.journalled));
        m.put("threads.lost", Long.toString(live.stream().filter(DriverInstance::lost).count()));
        m.put("last.fault", lastFault.isEmpty() ? "-" : lastFault);
        pauses.addTo(m);
        return m;
    }
}
