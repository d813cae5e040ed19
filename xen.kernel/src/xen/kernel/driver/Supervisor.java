package xen.kernel.driver;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.DriverFault;
import xen.kernel.api.block.StartKind;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.hypercall.Errno;

/**
 * Keeps a driver instance at work: starts, fences and replaces it. A failed instance is fenced at once (its capability ends, its grants go
 * unless the disk uses them, its thread is ended); the next one starts when {@link BackOff} says. A successor is built beside the instance
 * in charge, on its own thread, and takes over when it stands. {@link Heartbeat} watches.
 *
 * <p>A call that does not come back: in real time the heartbeat finds it. In virtual time whoever waits for the driver finds it, after
 * however much host time; the machine then goes on without, and the end of the instance comes {@link #STUCK} of machine time after the
 * call began, whatever the host. Under the block core's lock.
 */
final class Supervisor {
    /** How long a request may lie with a driver, and a call last. */
    static final long STUCK = 50_000_000L;
    /** How long an instance serves on when its bundle has gone. */
    private static final long GRACE = 250_000_000L;
    /** A swap waits that long for the successor to stand; host time, as it is a person's. */
    private static final long PATIENCE_NANOS = 5_000_000_000L;

    private final BlockCore core;
    private final Drivers drivers = new Drivers();
    private final DriverRecord record = new DriverRecord();
    private final BackOff backOff = new BackOff();
    private final DriverThreads threads = new DriverThreads();
    private final Heartbeat heartbeat;
    /** Instances whose thread is in use, in charge or not. */
    private final List<DriverInstance> live = new CopyOnWriteArrayList<>();
    private final Condition changed;
    private volatile DriverInstance current;
    private DriverInstance next;
    private boolean waiting;
    /** Counts machines: what was planned in the time of an earlier one does not happen. */
    private int era;

    Supervisor(BlockCore core) {
        this.core = core;
        changed = core.lock.newCondition();
        heartbeat = new Heartbeat(core, this);
    }

    private long now() { return core.host.timeline().now(); }

    // Services

    void added(String name, BlockDriver d) {
        drivers.add(name, d);
        if (core.on()) {
            replace(current == null && !record.pauses.open() ? StartKind.FRESH : StartKind.HANDOVER);
        }
    }

    void removed(String name, BlockDriver d) {
        if (!drivers.remove(name, d)) {
            return;
        }
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
        at(now() + GRACE, () -> retire(i));
    }

    /** Its bundle has gone. While a successor is on its way it serves on. */
    private void retire(DriverInstance i) {
        if (current != i) {
            return;
        }
        if (next != null) {
            at(now() + GRACE, () -> retire(i));
            return;
        }
        record.pauses.begin(now(), false);
        fence();
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
        record.pauses.drop();
        // the next machine's time begins anew
        era++;
        waiting = false;
        heartbeat.stop();
        backOff.reset();
        threads.end();
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
        Map.Entry<String, BlockDriver> chosen = drivers.chosen();
        DriverInstance i = new DriverInstance(core, chosen.getKey(), chosen.getValue(), kind);
        next = i;
        live.add(i);
        if (!i.inline) {
            threads.run(i);
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

    /** It stands. */
    void started(DriverInstance i) {
        if (next != i) {
            return;
        }
        next = null;
        i.stands();
        if (i.kind != StartKind.FRESH) {
            record.pauses.begin(now(), i.kind == StartKind.RESTART);
        }
        fence();
        current = i;
        record.started(i.kind);
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
            v.poll();
        }
    }

    /** It has dealt with all it was told: if guests had to wait for it, they have not any more. */
    void rests(DriverInstance i) {
        if (i == current && record.pauses.open()) {
            record.pauses.end(now());
        }
    }

    void ended(DriverInstance i) { live.remove(i); }

    /** True when the caller is the driver's thread and will make that transfer itself. */
    boolean takes(JournalEntry e) {
        DriverInstance i = current;
        return i != null && i.domain.atHand.take(e);
    }

    // What the instance in charge is told

    void attach(VbdImpl v) { connection(Call.ATTACH, v); }
    void detach(VbdImpl v) { connection(Call.DETACH, v); }
    void request(JournalEntry e) { tell(Call.REQUEST, e, e.sequence); }
    void completed(JournalEntry e) { tell(Call.COMPLETED, e, e.sequence); }

    private void connection(Call c, VbdImpl v) {
        tell(c, v.view, 0);
        if (!core.host.virtual()) {
            // while it is in such a call nobody looks into the rings
            watch();
        }
    }

    private void tell(Call c, Object subject, long sequence) {
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

    /** The driver threw. @param why in words: what it threw is its own, and nothing of it is called here */
    void failed(DriverInstance i, Call call, String why) {
        if (i == next) {
            next = null;
            i.fence();
            record.notStarted(i.name, why);
            drivers.failed(i.name);
            changed.signalAll();
            if (current == null) {
                retry();
            }
        } else if (i == current) {
            fail(i, "failed in " + call.word() + ": " + why);
        }
    }

    /** Wrong use of the capability: fences the instance. @return never; what is thrown is for the driver */
    IllegalStateException wild(DriverInstance i, String what) {
        if (i == next) {
            failed(i, Call.START, what);
        } else {
            fail(i, "wild: " + what);
        }
        throw new IllegalStateException(what);
    }

    /** In virtual time: {@code i} does not come back. The machine goes on; the failure has its own time. */
    void hangs(DriverInstance i) {
        String call = i.callName();
        i.lose();
        if (i == current) {
            record.pauses.begin(now(), true);
        }
        at(now() + STUCK, () -> gone(i, call));
    }

    /** At that machine time, unless the machine is another one by then. */
    void at(long nanos, Runnable action) {
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
    void gone(DriverInstance i, String call) {
        if (i == next) {
            failed(i, Call.START, "does not come back");
        } else {
            fail(i, "does not come back from " + call);
        }
    }

    void fail(DriverInstance i, String why) {
        if (i != current) {
            return;
        }
        record.failed(i.name, why, core.journalled);
        record.pauses.begin(now(), true);
        fence();
        retry();
    }

    private void retry() {
        if (waiting) {
            return;
        }
        waiting = true;
        at(backOff.next(now()), () -> {
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

    /** Work came: watch until it is done. */
    void watch() { heartbeat.watch(); }

    /** In real time: a call of it lasts since that time, and does not come back. */
    void stuck(DriverInstance i, long since) {
        String call = i.callName();
        i.lose();
        record.pauses.begin(since, true);
        gone(i, call);
    }

    DriverInstance current() { return current; }

    // Domain 0

    /** Waits until {@code i} is in charge. Without the lock. */
    void awaitStart(DriverInstance i) {
        core.lock.lock();
        try {
            for (long left = PATIENCE_NANOS; next == i && left > 0;) {
                left = changed.awaitNanos(left);
            }
            if (!i.stood()) {
                throw new HypervisorException(Errno.EIO, "the driver was not replaced: " + record.lastFault() + "; the one in charge goes on");
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

    Map<String, String> report() {
        Map<String, String> m = record.report();
        DriverInstance i = current;
        m.put("driver", i == null ? "none" : i.name);
        m.put("domain", Integer.toString(core.host.domid()));
        m.put("state", i != null ? i.lost() ? "does not come back" : "running" : next != null ? "starting" : waiting ? "waits for its restart" : "absent");
        m.put("thread", i == null || i.thread == null ? "-" : i.thread.getName());
        m.put("requests.under.way", Integer.toString(core.journalled));
        m.put("threads.lost", Long.toString(live.stream().filter(DriverInstance::lost).count()));
        return m;
    }
}
