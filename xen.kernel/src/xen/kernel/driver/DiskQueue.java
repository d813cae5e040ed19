package xen.kernel.driver;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import xen.kernel.api.block.BlockOp;
import xen.kernel.api.block.DiskClient;
import xen.kernel.api.block.DiskHost;
import xen.kernel.api.block.DiskModel;
import xen.kernel.api.block.DiskRequest;
import xen.kernel.api.block.DiskScheduler;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.hypercall.Errno;

/**
 * One disk of the machine: the requests that wait for it, in the scheduler's order, and those it works on. Order that must not be lost is
 * kept before the scheduler sees a request: of one device, overlapping transfers, flushes and barriers wait for each other.
 *
 * <p>Virtual time: bytes move on the timeline at the moment that the model says. Real time: on I/O threads; the model, if there is one,
 * delays the answer. What needs no waiting the driver's own thread moves, see {@link AtHand}. Under the block core's lock, except
 * {@link #work} and {@link #here}.
 */
final class DiskQueue implements DiskHost {
    /** Most requests given to the I/O threads at once. */
    private static final int REAL_DEPTH = 32;
    private static final Logger LOG = LoggerFactory.getLogger(DiskQueue.class);

    private final BlockCore core;
    final String name;
    private final DiskModel model;
    private final ExecutorService workers;
    private final int depth;
    private DiskScheduler scheduler = new FifoScheduler();
    private String schedulerName = BlockCore.FIFO;
    private JournalEntry waitHead, waitTail;
    private int outstanding, waitingCount;
    private boolean dispatching, releasing;
    private final ArrayDeque<JournalEntry> released = new ArrayDeque<>();
    private long requests, busyNanos, bytes, schedulerFailures;
    /** Sectors given to images; each lies behind the one before. */
    private long allotted;

    DiskQueue(BlockCore core, String name, DiskModel model, ExecutorService workers) {
        this.core = core;
        this.name = name;
        this.model = model;
        this.workers = workers;
        depth = workers != null ? REAL_DEPTH : model == null ? 1 : model.depth();
        scheduler.start(this);
    }

    long allot(long sectors) {
        long base = allotted;
        allotted += sectors;
        return base;
    }

    // Scheduler's view

    @Override public long now() { return core.host.timeline().now(); }
    @Override public int outstanding() { return outstanding; }
    @Override public long estimate(DiskRequest r) { return model == null ? 1000 : model.estimate(now(), r.op, r.lba, r.sectors); }
    @Override public long estimateIn(DiskRequest r, long nanos) { return model == null ? 1000 : model.estimate(now() + nanos, r.op, r.lba, r.sectors); }
    @Override public void wakeAt(long nanos) { core.host.timeline().at(Math.max(nanos, now()), this::kick); }

    private void kick() {
        core.lock.lock();
        try {
            dispatch();
        } finally {
            core.leave();
        }
    }

    // Requests

    void submit(JournalEntry e) {
        VbdImpl v = e.ring.vbd;
        e.state = JournalEntry.State.SUBMITTED;
        e.lba = v.base + e.sector;
        e.sectors = (int) Math.min(e.length, Integer.MAX_VALUE);
        e.deadline = v.deadlineNanos() > 0 ? e.arrived + v.deadlineNanos() : Long.MAX_VALUE;
        e.blockers = v.blockers(e);
        if (e.blockers == 0) {
            ready(e);
        } else {
            v.held++;
        }
    }

    /** Nothing that came before has to be done first. */
    private void ready(JournalEntry e) {
        VbdImpl v = e.ring.vbd;
        if (v.limit() == 0 && v.pace.held() == 0) {
            enter(e);
        } else {
            v.pace.add(e);
            pass(v);
        }
    }

    /** Lets through what the limit allows now. */
    void pass(VbdImpl v) {
        long now = now();
        for (JournalEntry e; (e = v.pace.next(v.limit(), now)) != null;) {
            // for schedulers it comes now
            e.deadline += e.deadline == Long.MAX_VALUE ? 0 : now - e.arrived;
            e.arrived = now;
            enter(e);
        }
        long wake = v.pace.wake(v.limit());
        if (wake != Long.MAX_VALUE) {
            core.host.timeline().at(wake, () -> again(v, wake));
        }
    }

    private void again(VbdImpl v, long then) {
        core.lock.lock();
        try {
            v.pace.woken(then);
            pass(v);
        } finally {
            core.leave();
        }
    }

    private void enter(JournalEntry e) {
        if (e.op == BlockOp.FLUSH) {
            // everything it must follow is done: no place in any order
            e.started = now();
            start(e);
            return;
        }
        e.waiting = true;
        e.waitPrevious = waitTail;
        e.waitNext = null;
        if (waitTail == null) {
            waitHead = e;
        } else {
            waitTail.waitNext = e;
        }
        waitTail = e;
        waitingCount++;
        try {
            scheduler.add(e);
        } catch (RuntimeException | LinkageError | AssertionError x) {
            schedulerFailed("add", x);
        }
        dispatch();
    }

    private void unwait(JournalEntry e) {
        e.waiting = false;
        waitingCount--;
        if (e.waitPrevious == null) {
            waitHead = e.waitNext;
        } else {
            e.waitPrevious.waitNext = e.waitNext;
        }
        if (e.waitNext == null) {
            waitTail = e.waitPrevious;
        } else {
            e.waitNext.waitPrevious = e.waitPrevious;
        }
        e.waitNext = e.waitPrevious = null;
    }

    private void dispatch() {
        if (dispatching) {
            return;
        }
        dispatching = true;
        try {
            while (outstanding < depth && waitHead != null) {
                JournalEntry e = next();
                if (e == null) {
                    return;
                }
                unwait(e);
                outstanding++;
                e.started = now();
                start(e);
            }
        } finally {
            dispatching = false;
        }
    }

    private JournalEntry next() {
        try {
            DiskRequest r = scheduler.next(now());
            if (r == null) {
                return null;
            }
            if (r instanceof JournalEntry e && e.waiting && e.ring.vbd.queue == this) {
                return e;
            }
            throw new IllegalStateException("gave out " + r + ", which does not wait");
        } catch (RuntimeException | LinkageError | AssertionError x) {
            schedulerFailed("next", x);
            return (JournalEntry) scheduler.next(now());
        }
    }

    private void start(JournalEntry e) {
        if (e.cancelled) {
            finish(e);
            return;
        }
        if (workers != null) {
            e.inTransfer = true;
            if (model != null || !core.supervisor.takes(e)) {
                workers.execute(e.onWork);
            }
        } else if (model != null) {
            core.host.timeline().at(model.start(e.started, e.op, e.lba, e.sectors), e.onDue);
        } else {
            Transfers.make(e);
            finish(e);
        }
    }

    /** On the driver's thread, without the lock: what has to wait goes to an I/O thread after all. */
    void here(JournalEntry e) {
        if (!Transfers.makeNow(e)) {
            workers.execute(e.onWork);
            return;
        }
        ended(e);
    }

    /** On an I/O thread, without the lock. */
    void work(JournalEntry e) {
        Transfers.make(e);
        ended(e);
    }

    private void ended(JournalEntry e) {
        core.lock.lock();
        try {
            e.inTransfer = false;
            core.transferDone.signalAll();
            if (model != null && !e.cancelled) {
                core.host.timeline().at(model.start(e.started, e.op, e.lba, e.sectors), e.onDue);
            } else {
                // not by way of the timeline: its thread would have to be woken for each request
                finish(e);
                dispatch();
            }
        } finally {
            core.leave();
        }
    }

    /** The model's time has come; on the timeline. In real time without a model the I/O thread itself ends the request. */
    void due(JournalEntry e) {
        core.lock.lock();
        try {
            if (workers == null && !e.cancelled) {
                Transfers.make(e);
            }
            finish(e);
            dispatch();
        } finally {
            core.leave();
        }
    }

    private void finish(JournalEntry e) {
        long service = now() - e.started;
        if (e.op != BlockOp.FLUSH) {
            outstanding--;
            try {
                scheduler.completed(e, service);
            } catch (RuntimeException | LinkageError | AssertionError x) {
                schedulerFailed("completed", x);
            }
        }
        requests++;
        busyNanos += service;
        e.ring.vbd.serviceNanos += service;
        bytes += e.op.transfers() ? (long) e.sectors << 9 : 0;
        release(e);
        if (e.cancelled) {
            e.unbind();
            e.state = JournalEntry.State.FREE;
            return;
        }
        e.state = JournalEntry.State.DONE;
        core.supervisor.completed(e);
    }

    /** Lets go who waits for it. Those are collected first: going on may end them, and others, at once. */
    void release(JournalEntry e) {
        VbdImpl v = e.ring.vbd;
        for (JournalEntry l = e.liveNext; v.held > 0 && l != null; l = l.liveNext) {
            if (l.blockers > 0 && e.holds(l) && --l.blockers == 0) {
                v.held--;
                released.add(l);
            }
        }
        v.liveRemove(e);
        if (!releasing) {
            releasing = true;
            try {
                for (JournalEntry l; (l = released.poll()) != null;) {
                    ready(l);
                }
            } finally {
                releasing = false;
            }
        }
    }

    // Schedulers

    String scheduler() { return schedulerName; }

    /** Puts another scheduler in charge of what waits; an exception in its start leaves the old one. */
    void select(String newName, DiskScheduler s) {
        s.start(this);
        DiskScheduler old = scheduler;
        scheduler = s;
        schedulerName = newName;
        try {
            old.stop();
        } catch (RuntimeException | LinkageError | AssertionError x) {
            LOG.warn("disk scheduler failed in stop: {}", x.toString());
        }
        for (JournalEntry e = waitHead; e != null && scheduler == s; e = e.waitNext) {
            try {
                s.add(e);
            } catch (RuntimeException | LinkageError | AssertionError x) {
                schedulerFailed("add", x);
                return;
            }
        }
        dispatch();
    }

    private void schedulerFailed(String call, Throwable x) {
        schedulerFailures++;
        LOG.error("disk scheduler {} of {} failed in {}: first in, first out takes over", schedulerName, name, call, x);
        scheduler = new FifoScheduler();
        schedulerName = BlockCore.FIFO;
        for (JournalEntry e = waitHead; e != null; e = e.waitNext) {
            scheduler.add(e);
        }
    }

    /** HypervisorException when what {@code wish} asks for, {@code v} as it is or will be, cannot be promised beside the others. */
    void admit(VbdImpl v, DiskClient wish) {
        List<VbdImpl> others = core.vbds.stream().filter(o -> o != v && o.queue == this).toList();
        String why = null;
        try {
            why = scheduler.refusal(wish, others);
        } catch (RuntimeException | LinkageError | AssertionError x) {
            schedulerFailed("refusal", x);
        }
        if (why != null) {
            throw new HypervisorException(Errno.EBUSY, "disk " + name + " (" + schedulerName + "): " + why);
        }
    }

    void changed(VbdImpl v) {
        try {
            scheduler.changed(v);
        } catch (RuntimeException | LinkageError | AssertionError x) {
            schedulerFailed("changed", x);
        }
        pass(v);
        dispatch();
    }

    Map<String, Long> counters() {
        Map<String, Long> m = new TreeMap<>();
        m.put("requests", requests);
        m.put("bytes", bytes);
        m.put("service_ns", busyNanos);
        m.put("waiting", (long) waitingCount);
        m.put("outstanding", (long) outstanding);
        m.put("scheduler_failures", schedulerFailures);
        return m;
    }
}
