package xen.kernel.driver;

import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.BlockGrant;
import xen.kernel.api.block.BlockRequest;
import xen.kernel.api.control.HypervisorException;

/** The capability of one driver instance. Whatever is wrong in its use is found here, before anything changed. */
final class DomainHandle implements BlockDomain {
    private final BlockCore core;
    private boolean revoked;

    DomainHandle(BlockCore core) { this.core = core; }

    void revoke() { revoked = true; }

    private JournalEntry entry(BlockRequest r, String what) {
        if (revoked) {
            throw new IllegalStateException("this driver instance is over");
        }
        if (!(r instanceof JournalEntry e) || e.state == JournalEntry.State.FREE || e.ring.vbd.core != core) {
            throw core.supervisor.wild(what + " of a request that is not under way: " + r);
        }
        return e;
    }

    @Override public int domid() { return 0; }

    @Override public long now() { return core.host.timeline().now(); }

    @Override public BlockGrant map(BlockRequest r, int segment) {
        core.lock.lock();
        try {
            JournalEntry e = entry(r, "map");
            if (segment < 0 || segment >= e.segments) {
                throw core.supervisor.wild("map of segment " + segment + " of " + e);
            }
            VbdImpl v = e.ring.vbd;
            boolean writable = v.persistent() || e.op == xen.kernel.api.block.BlockOp.READ;
            try {
                GrantHandle g = new GrantHandle(v, e.ref(segment), writable, core.host.map(v.domid(), e.ref(segment), !writable), this);
                v.grants.add(g);
                return g;
            } catch (HypervisorException refused) {
                e.mapFailed = true;
                return null;
            }
        } finally {
            core.lock.unlock();
        }
    }

    @Override public void submit(BlockRequest r) {
        core.lock.lock();
        try {
            JournalEntry e = entry(r, "submit");
            if (e.state != JournalEntry.State.TAKEN || !e.allBound() || !e.live) {
                throw core.supervisor.wild("submit of " + e + (e.valid() ? "" : ", which is not valid") + (e.allBound() ? "" : ", not all bound"));
            }
            e.ring.vbd.queue.submit(e);
        } finally {
            core.lock.unlock();
        }
    }

    @Override public void complete(BlockRequest r, int status) {
        core.lock.lock();
        try {
            JournalEntry e = entry(r, "completion");
            boolean right = switch (e.state) {
                case DONE -> status == OK && !e.failed || status == ERROR && e.failed;
                case TAKEN -> (status == ERROR || status == UNSUPPORTED) && (!e.valid() || e.mapFailed);
                default -> false;
            };
            if (!right) {
                throw core.supervisor.wild("completion of " + e + " with status " + status);
            }
            core.answered(e, status);
        } finally {
            core.lock.unlock();
        }
    }
}
