package xen.drv.blk;

import xen.kernel.api.block.BlockGrant;

/** Pages of a front end that uses its grants again (feature-persistent), by reference; the front end has at most some thousand. */
final class GrantCache {
    private static final int LIMIT = 1 << 14;

    private BlockGrant[] byRef = new BlockGrant[64];

    BlockGrant get(int ref, boolean write) {
        BlockGrant g = ref >= 0 && ref < byRef.length ? byRef[ref] : null;
        return g != null && g.valid() && (!write || g.writable()) ? g : null;
    }

    void put(BlockGrant g) {
        int ref = g.ref();
        if (ref >= LIMIT) {
            return;
        }
        if (ref >= byRef.length) {
            byRef = java.util.Arrays.copyOf(byRef, Integer.highestOneBit(ref) * 2);
        }
        if (byRef[ref] != null) {
            byRef[ref].close();
        }
        byRef[ref] = g;
    }

    boolean keeps(BlockGrant g) { return g.ref() < byRef.length && byRef[g.ref()] == g; }
}
