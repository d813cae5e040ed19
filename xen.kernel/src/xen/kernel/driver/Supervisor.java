package xen.kernel.driver;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import xen.kernel.api.block.BlockBackend;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.StartKind;

/**
 * Keeps a driver instance at work: starts, watches, fences and restarts it. A failed instance is fenced at once (its capability ends, its
 * grants go unless the disk uses them); the next one starts at once, then, while failures follow each other, after 1 ms, 2 ms, up to 1 s
 * of machine time. Under the block core's lock.
 */
final class Supervisor {
    /** How often a driver with work is looked at, and how long a request may lie with it. */
    static final long HEARTBEAT = 20_000_000L, STUCK = 50_000_000L;
    private static final long CALM = 1_000_000_000L, FIRST_WAIT = 1_000_000L, LONGEST_WAIT = 1_000_000_000L;
    private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);

    private final BlockCore core;
    private final Map<String, BlockDriver> drivers = new LinkedHashMap<>();
    private BlockBackend backend;
    private DomainHandle handle;
    private String inCharge = "";
    private boolean beating, starting;
    private long backOff, lastFailure = Long.MIN_VALUE / 2, downSince = -1;
    private long restarts, swaps, failures, pauseNanos, longestPause;
    private String lastFault = "";

    Supervisor(BlockCore core) { this.core = core; }

    // Services

    void added(String name, BlockDriver d) {
        drivers.remove(name);
        drivers.put(name, d);
        if (core.on()) {
            replace(backend == null ? StartKind.FRESH : StartKind.HANDOVER);
        }
    }

    void removed(String name, BlockDriver d) {
        if (drivers.get(name) == d) {
            drivers.remove(name);
            if (inCharge.equals(name)) {
                fence();
                if (!drivers.isEmpty() && core.on()) {
                    replace(StartKind.HANDOVER);
                }
            }
        }
    }

    /** Starts the newest driver if none is at work. */
    void ensure() {
        if (backend == null && !drivers.isEmpty()) {
            replace(StartKind.FRESH);
        }
    }

    /** The machine is off. */
    void powerOff() {
        fence();
        downSince = -1;
    }

    /** Builds the new instance beside the old one; a failure leaves the old one at work. */
    void replace(StartKind kind) {
        if (drivers.isEmpty()) {
            return;
        }
        Map.Entry<String, BlockDriver> newest = new ArrayList<>(drivers.entrySet()).getLast();
        DomainHandle h = new DomainHandle(core);
        BlockBackend b;
        try {
            b = newest.getValue().start(h, kind);
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError e) {
            h.revoke();
            LOG.error("block driver {} did not start", newest.getKey(), e);
            lastFault = newest.getKey() + " did not start: " + e;
            if (backend == null) {
                retry();
            }
            return;
        }
        if (downSince < 0) {
            downSince = now();
        }
        fence();
        backend = b;
        handle = h;
        inCharge = newest.getKey();
        swaps += kind == StartKind.HANDOVER ? 1 : 0;
        restarts += kind == StartKind.RESTART ? 1 : 0;
        resume(b);
    }

    /** Shows the instance all devices and what was under way, oldest first. */
    private void resume(BlockBackend b) {
        for (VbdImpl v : core.vbds) {
            if (v.connected()) {
                attach(v);
            }
        }
        for (JournalEntry e : core.underWay()) {
            if (backend != b) {
                return;
            }
            if (e.state == JournalEntry.State.TAKEN) {
                e.unbind();
                e.mapFailed = false;
                e.arrived = now();
                request(e);
            } else if (e.state == JournalEntry.State.DONE) {
                e.arrived = now();
                completed(e);
            }
        }
        for (VbdImpl v : core.vbds) {
            v.rings.forEach(BlkRing::poll);
        }
        if (backend == b && downSince >= 0) {
            long pause = now() - downSince;
            pauseNanos += pause;
            longestPause = Math.max(longestPause, pause);
            downSince = -1;
        }
    }

    private long now() { return core.host.timeline().now(); }

    // Calls into the driver

    void attach(VbdImpl v) {
        BlockBackend b = backend;
        if (b != null) {
            try {
                b.attach(v);
            } catch (Throwable t) {
                failed(b, "attach", t);
            }
        }
    }

    void detach(VbdImpl v) {
        BlockBackend b = backend;
        if (b != null) {
            try {
                b.detach(v);
            } catch (Throwable t) {
                failed(b, "detach", t);
            }
        }
    }

    void request(JournalEntry e) {
        BlockBackend b = backend;
        if (b != null) {
            try {
                b.request(e);
            } catch (Throwable t) {
                failed(b, "request", t);
            }
        }
    }

    void completed(JournalEntry e) {
        BlockBackend b = backend;
        if (b != null) {
            try {
                b.completed(e);
            } catch (Throwable t) {
                failed(b, "completed", t);
            }
        }
    }

    private void failed(BlockBackend b, String call, Throwable t) {
        if (t instanceof OutOfMemoryError e) {
            throw e;
        }
        if (backend == b) {
            LOG.debug("block driver {} failed in {}", inCharge, call, t);
            fail("failed in " + call + ": " + t);
        }
    }

    /** Wrong use of the capability: fences the driver. @return what to throw at it */
    IllegalStateException wild(String what) {
        fail("wild: " + what);
        throw new IllegalStateException(what);
    }

    private void fail(String why) {
        if (backend == null) {
            return;
        }
        failures++;
        lastFault = inCharge + " " + why;
        // a driver that fails again and again is told of a few times
        LOG.atLevel(failures <= 10 ? Level.WARN : Level.DEBUG).log("block driver {}; {} requests are under way", lastFault, core.journalled);
        downSince = downSince < 0 ? now() : downSince;
        fence();
        retry();
    }

    private void retry() {
        if (starting) {
            return;
        }
        starting = true;
        long now = now();
        backOff = now - lastFailure > CALM ? 0 : backOff == 0 ? FIRST_WAIT : Math.min(2 * backOff, LONGEST_WAIT);
        lastFailure = now;
        core.host.timeline().at(now + backOff, () -> {
            core.lock.lock();
            try {
                starting = false;
                if (backend == null && core.on()) {
                    replace(StartKind.RESTART);
                }
            } finally {
                core.lock.unlock();
            }
        });
    }

    /** From here on the instance can do nothing. */
    private void fence() {
        BlockBackend b = backend;
        backend = null;
        inCharge = "";
        if (b == null) {
            return;
        }
        handle.revoke();
        DomainHandle dead = handle;
        for (VbdImpl v : core.vbds) {
            for (GrantHandle g : List.copyOf(v.grants)) {
                if (g.owner == dead) {
                    g.close();
                }
            }
        }
        try {
            b.stop();
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError e) {
            LOG.debug("block driver failed in stop", e);
        }
    }

    // Heartbeat

    /** Work came: watch until it is done. */
    void watch() {
        if (!beating) {
            beating = true;
            core.host.timeline().at(now() + HEARTBEAT, this::beat);
        }
    }

    private void beat() {
        core.lock.lock();
        try {
            beating = false;
            if (core.journalled == 0 || !core.on()) {
                return;
            }
            watch();
            BlockBackend b = backend;
            if (b == null) {
                return;
            }
            try {
                if (!b.alive()) {
                    fail("says it is not well");
                    return;
                }
            } catch (Throwable t) {
                failed(b, "alive", t);
                return;
            }
            long limit = now() - STUCK;
            for (JournalEntry e : core.underWay()) {
                if (e.arrived < limit && (e.state == JournalEntry.State.TAKEN || e.state == JournalEntry.State.DONE)) {
                    fail("does nothing with " + e);
                    return;
                }
            }
        } finally {
            core.lock.unlock();
        }
    }

    long failures() { return failures; }

    Map<String, String> report() {
        Map<String, String> m = new TreeMap<>();
        m.put("driver", backend == null ? "none" : inCharge);
        m.put("state", backend != null ? "running" : starting ? "waits for its restart" : "absent");
        m.put("failures", Long.toString(failures));
        m.put("restarts", Long.toString(restarts));
        m.put("swaps", Long.toString(swaps));
        m.put("pause.total.us", Long.toString(pauseNanos / 1000));
        m.put("pause.longest.us", Long.toString(longestPause / 1000));
        m.put("last.fault", lastFault);
        return m;
    }
}
