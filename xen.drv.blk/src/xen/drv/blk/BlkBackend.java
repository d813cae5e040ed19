package xen.drv.blk;

import java.util.IdentityHashMap;
import java.util.Map;
import xen.kernel.api.block.BlockBackend;
import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.BlockGrant;
import xen.kernel.api.block.BlockOp;
import xen.kernel.api.block.BlockRequest;
import xen.kernel.api.block.Vbd;

/**
 * One instance of the driver: request in, checked, pages mapped, to the disk; done, pages given back or kept, answered. All calls on its
 * own thread, one at a time.
 */
final class BlkBackend implements BlockBackend {
    private final BlockDomain domain;
    private final Map<Vbd, GrantCache> caches = new IdentityHashMap<>();

    BlkBackend(BlockDomain domain) { this.domain = domain; }

    @Override public void attach(Vbd vbd) {
        if (vbd.persistent()) {
            caches.put(vbd, new GrantCache());
        }
    }

    @Override public void detach(Vbd vbd) { caches.remove(vbd); }

    @Override public void request(BlockRequest r) {
        if (!Checks.valid(r)) {
            domain.complete(r, BlockDomain.ERROR);
            return;
        }
        if (r.op().transfers() && !mapped(r)) {
            domain.complete(r, BlockDomain.ERROR);
            return;
        }
        domain.submit(r);
    }

    /** Pages of a front end that does not use its grants again are the core's to give back. */
    private boolean mapped(BlockRequest r) {
        if (!r.vbd().persistent()) {
            return domain.map(r);
        }
        if (bind(r)) {
            return true;
        }
        giveBack(r);
        return false;
    }

    private boolean bind(BlockRequest r) {
        GrantCache cache = caches.get(r.vbd());
        boolean write = r.op() == BlockOp.READ;
        for (int i = 0; i < r.segments(); i++) {
            BlockGrant g = cache.get(r.ref(i), write);
            if (g == null) {
                g = domain.map(r, i);
                if (g == null) {
                    return false;
                }
                cache.put(g);
            }
            r.bind(i, g);
        }
        return true;
    }

    @Override public void completed(BlockRequest r) {
        if (r.vbd().persistent()) {
            giveBack(r);
        }
        domain.complete(r, r.failed() ? BlockDomain.ERROR : BlockDomain.OK);
    }

    /** Pages that the cache does not keep. */
    private void giveBack(BlockRequest r) {
        GrantCache cache = caches.get(r.vbd());
        for (int i = 0; r.op().transfers() && i < r.segments(); i++) {
            BlockGrant g = r.bound(i);
            if (g != null && !cache.keeps(g)) {
                g.close();
            }
        }
    }
}
