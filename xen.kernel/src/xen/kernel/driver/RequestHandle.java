package xen.kernel.driver;

import xen.kernel.api.block.BlockGrant;
import xen.kernel.api.block.BlockOp;
import xen.kernel.api.block.BlockRequest;
import xen.kernel.api.block.Vbd;

/** A slot of the journal in the hands of one driver instance; void with the instance. Made once an instance and slot. */
final class RequestHandle implements BlockRequest {
    final DomainHandle owner;
    private final JournalEntry e;

    RequestHandle(DomainHandle owner, JournalEntry e) {
        this.owner = owner;
        this.e = e;
    }

    /** The entry, for the capability that it belongs to. */
    JournalEntry entry() { return e; }

    private JournalEntry read() {
        owner.alive();
        return e;
    }

    @Override public Vbd vbd() { return read().ring.vbd.view; }
    @Override public BlockOp op() { return read().op; }
    @Override public long sector() { return read().sector; }
    @Override public long sectors() { return read().length; }
    @Override public int segments() { return read().segments; }
    @Override public int ref(int i) { return read().ref(i); }
    @Override public int first(int i) { return read().first(i); }
    @Override public int last(int i) { return read().last(i); }
    @Override public boolean malformed() { return read().malformed; }
    @Override public boolean failed() { return read().failed; }
    @Override public void bind(int i, BlockGrant grant) { owner.bind(this, i, grant); }
    @Override public String toString() { return e.toString(); }

    /** A page that a predecessor mapped is the core's to give back. */
    @Override public BlockGrant bound(int i) {
        GrantHandle g = read().bound[i];
        return g != null && g.owner == owner ? g : null;
    }
}
