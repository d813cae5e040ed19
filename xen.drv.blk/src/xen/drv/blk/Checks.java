package xen.drv.blk;

import xen.kernel.api.block.BlockOp;
import xen.kernel.api.block.BlockRequest;
import xen.kernel.api.block.Vbd;

/** What a request must be before its pages are mapped. */
final class Checks {
    private Checks() {}

    static boolean valid(BlockRequest r) {
        Vbd v = r.vbd();
        if (r.malformed() || r.op().writes() && v.readOnly()) {
            return false;
        }
        if (r.op() == BlockOp.FLUSH) {
            return true;
        }
        long n = r.sectors();
        if (r.sector() < 0 || n < 0 || n > v.sectors() || r.sector() > v.sectors() - n) {
            return false;
        }
        int unit = v.sectorSize() >> 9;
        return unit == 1 || (r.sector() | n) % unit == 0;
    }
}
