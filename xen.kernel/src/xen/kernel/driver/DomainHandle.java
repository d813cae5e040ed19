package xen.kernel.driver;

import java.util.function.Supplier;
import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.BlockGrant;
import xen.kernel.api.block.BlockOp;
import xen.kernel.api.block.BlockRequest;
import xen.kernel.api.block.DriverFence;
import xen.kernel.api.control.GrantMapping;
import xen.kernel.api.control.HypervisorException;

/**
 * The capability of one driver instance. Every call takes the lock and then asks whether the instance is still the one: a thread that
 * comes back after it was given up can change nothing. Whatever is wrong in its use is found here, before anything changed.
 */
final class DomainHandle implements BlockDomain {
    /** Most calls that a driver may make while it is told one thing: a loop around the capability ends. */
    private static final int FUEL = 100_000;
    /** Most pages that an instance may have mapped. */
    private static final int MOST_GRANTS = 1 << 17;

    private final BlockCore core;
    private final DriverInstance instance;
    final AtHand atHand;
    private volatile boolean revoked;
    private boolean inCore, makesRoom;
    private int fuel;
    int grants;
    /** Handles that may be used again. */
    private GrantHandle free;

    DomainHandle(BlockCore core, DriverInstance instance) {
        this.core = core;
        this.instance = instance;
        atHand = new AtHand(instance);
    }

    void revoke() { revoked = true; }

    /** The driver is told something new. */
    void refuel() {
        fuel = FUEL;
        inCore = false;
    }

    /** True while the core works for the driver: what that takes is not the driver's fault. */
    boolean inCore() { return inCore; }

    /** Does something for the driver, on its thread, that is not its fault if it lasts. */
    <T> T working(Supplier<T> work) {
        inCore = true;
        try {
            return work.get();
        } finally {
            inCore = false;
        }
    }

    /** Its driver may call with hardly any stack left: that is seen to before anything is touched. */
    void makeRoom() { makesRoom = true; }

    void alive() {
        if (revoked) {
            throw new IllegalStateException("this driver instance is over");
        }
    }

    /** Takes the lock; IllegalStateException, without the lock, when the instance may not call. */
    private void enter() {
        if (makesRoom) {
            DriverFence.room();
        }
        inCore = true;
        core.lock.lock();
        if (revoked || Thread.currentThread() != instance.thread || --fuel < 0) {
            try {
                alive();
                throw core.supervisor.wild(instance, fuel < 0 ? "loops around its capability" : "uses its capability on another thread");
            } finally {
                leave();
            }
        }
    }

    private void leave() {
        core.lock.unlock();
        atHand.make();
        inCore = false;
    }

    /** The journal's entry; null when its front end has gone meanwhile. */
    private JournalEntry entry(BlockRequest r, String what) {
        if (!(r instanceof RequestHandle h) || h.owner != this) {
            throw core.supervisor.wild(instance, what + " of a request that is not its own");
        }
        JournalEntry e = h.entry();
        if (e.ring.leaving()) {
            return null;
        }
        if (e.state == JournalEntry.State.FREE) {
            throw core.supervisor.wild(instance, what + " of a request that is not under way: " + r);
        }
        return e;
    }

    @Override public int domid() { return core.host.domid(); }

    @Override public long now() {
        alive();
        return core.host.timeline().now();
    }

    @Override public boolean map(BlockRequest r) {
        enter();
        try {
            JournalEntry e = entry(r, "map");
            if (e == null) {
                return false;
            }
            if (e.state != JournalEntry.State.TAKEN || !e.op.transfers()) {
                throw core.supervisor.wild(instance, "map of " + e);
            }
            e.mapFailed = !e.map();
            return !e.mapFailed;
        } finally {
            leave();
        }
    }

    @Override public BlockGrant map(BlockRequest r, int segment) {
        enter();
        try {
            JournalEntry e = entry(r, "map");
            if (e == null) {
                return null;
            }
            if (segment < 0 || segment >= e.segments || grants >= MOST_GRANTS) {
                throw core.supervisor.wild(instance, "map of segment " + segment + " of " + e + " with " + grants + " pages mapped");
            }
            VbdImpl v = e.ring.vbd;
            boolean writable = v.persistent() || e.op == BlockOp.READ;
            try {
                GrantMapping page = core.host.map(v.domid(), e.ref(segment), !writable);
                return handle().mapped(v, e.ref(segment), writable, page);
            } catch (HypervisorException refused) {
                e.mapFailed = true;
                return null;
            }
        } finally {
            leave();
        }
    }

    private GrantHandle handle() {
        GrantHandle g = free;
        if (g == null) {
            return new GrantHandle(this);
        }
        free = g.next;
        g.next = null;
        return g;
    }

    /** Nothing is bound to it any more. */
    void free(GrantHandle g) {
        g.next = free;
        free = g;
    }

    void bind(RequestHandle r, int i, BlockGrant grant) {
        enter();
        try {
            JournalEntry e = entry(r, "bind");
            if (e == null) {
                return;
            }
            GrantHandle g = grant instanceof GrantHandle h ? h : null;
            if (e.state != JournalEntry.State.TAKEN || i < 0 || i >= e.segments || g == null || g.owner != this || g.vbd != e.ring.vbd || g.ref != e.ref(i)
                    || !g.valid() || e.op == BlockOp.READ && !g.writable()) {
                throw core.supervisor.wild(instance, "bound segment " + i + " of " + e + " to " + (g == null ? "a page of its own making" : g));
            }
            e.bind(i, g);
        } finally {
            leave();
        }
    }

    void close(GrantHandle g) {
        enter();
        try {
            g.closed();
        } finally {
            leave();
        }
    }

    @Override public void submit(BlockRequest r) {
        enter();
        try {
            JournalEntry e = entry(r, "submit");
            if (e == null) {
                return;
            }
            if (e.state != JournalEntry.State.TAKEN || !e.allBound() || !e.live) {
                throw core.supervisor.wild(instance,
                        "submit of " + e + (e.valid() ? "" : ", which is not valid") + (e.allBound() ? "" : ", not all bound"));
            }
            e.ring.vbd.queue.submit(e);
        } finally {
            leave();
        }
    }

    @Override public void complete(BlockRequest r, int status) {
        enter();
        try {
            JournalEntry e = entry(r, "completion");
            if (e == null) {
                return;
            }
            boolean right = switch (e.state) {
                case DONE -> status == OK && !e.failed || status == ERROR && e.failed;
                case TAKEN -> (status == ERROR || status == UNSUPPORTED) && (!e.valid() || e.mapFailed);
                default -> false;
            };
            if (!right) {
                throw core.supervisor.wild(instance, "completion of " + e + " with status " + status);
            }
            core.answered(e, status);
        } finally {
            leave();
        }
    }
}
