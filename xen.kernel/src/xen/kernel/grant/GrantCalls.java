package xen.kernel.grant;

import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.DomainImpl;
import xen.kernel.hypercall.HypercallFrame;
import xen.kernel.mm.DomIds;

/**
 * grant_table_op (20): a batch of operations of one kind, each with a status of its own; the call itself fails for a bad pointer or an
 * unknown operation only. Mapping is {@link GrantMap}, copying {@link GrantCopy}; here is what concerns the table itself.
 */
final class GrantCalls {
    static final int MAP_DEVICE = 1, MAP_HOST = 2, MAP_READONLY = 4, MAP_APPLICATION = 8, MAP_CONTAINS_PTE = 16;

    private static final int MAP = 0, UNMAP = 1, SETUP_TABLE = 2, DUMP_TABLE = 3, TRANSFER = 4, COPY = 5, QUERY_SIZE = 6, UNMAP_AND_REPLACE = 7,
            SET_VERSION = 8, GET_STATUS_FRAMES = 9, GET_VERSION = 10, SWAP = 11, CACHE_FLUSH = 12;

    private static final int AT_ONCE = 1024, SWAP_SIZE = 12;

    private final GrantMap map = new GrantMap();
    private final GrantCopy copy = new GrantCopy();

    /** (operation, array, count). */
    long call(HypercallFrame c) {
        long p = c.arg(1);
        int count = (int) c.arg(2);
        if (count < 0) {
            return -Errno.EINVAL;
        }
        if (count <= AT_ONCE) {
            return piece(c, p, count);
        }
        // nobody shall hold the core's lock for long: the guest asks again with what is left
        long rc = piece(c, p, AT_ONCE);
        return rc != 0 ? rc : c.outermost() ? c.again(c.arg(0), p + (long) AT_ONCE * size((int) c.arg(0)), count - AT_ONCE) : -Errno.E2BIG;
    }

    /** Bytes of one request, of those operations that take several. */
    private static int size(int operation) {
        return switch (operation) {
            case MAP -> GrantMap.MAP_SIZE;
            case COPY -> GrantCopy.SIZE;
            case SWAP -> SWAP_SIZE;
            default -> GrantMap.UNMAP_SIZE;
        };
    }

    private long piece(HypercallFrame c, long p, int count) {
        return switch ((int) c.arg(0)) {
            case MAP -> map.map(c, p, count);
            case UNMAP -> map.unmap(c, p, count);
            case UNMAP_AND_REPLACE -> map.unmapAndReplace(c, p, count);
            case COPY -> copy.call(c, p, count);
            case SETUP_TABLE -> count == 1 ? setupTable(c, p) : -Errno.EINVAL;
            case QUERY_SIZE -> count == 1 ? querySize(c, p) : -Errno.EINVAL;
            case SET_VERSION -> count == 1 ? setVersion(c, p) : -Errno.EINVAL;
            case GET_VERSION -> count == 1 ? getVersion(c, p) : -Errno.EINVAL;
            case GET_STATUS_FRAMES -> count == 1 ? statusFrames(c, p) : -Errno.EINVAL;
            case SWAP -> swap(c, p, count);
            case DUMP_TABLE -> -Errno.EPERM;
            case CACHE_FLUSH -> -Errno.EOPNOTSUPP;
            // TRANSFER moves whole pages between domains; no present frontend uses it
            default -> -Errno.ENOSYS;
        };
    }

    /** GNTST for a domain id that must be the caller's. */
    private static int self(DomainImpl d, int domid) {
        int rc = DomIds.self(d, domid);
        return rc == 0 ? GrantStatus.OKAY : rc == -Errno.EPERM ? GrantStatus.PERMISSION_DENIED : GrantStatus.BAD_DOMAIN;
    }

    /** {dom u16, nr_frames u32 at 4, status i16 at 8, frame_list at 16}. */
    private static long setupTable(HypercallFrame c, long p) {
        int n = c.get32(p + 4);
        long list = c.get64(p + 16);
        c.checkWritable(p + 8, 2);
        GrantTable t = c.domain().grants;
        int status = self(c.domain(), c.get16(p));
        if (status == GrantStatus.OKAY && (n < 0 || n > GrantTable.MAX_FRAMES)) {
            status = GrantStatus.GENERAL_ERROR;
        }
        if (status == GrantStatus.OKAY && n > 0) {
            c.checkWritable(list, 8 * n);
            if (t.grow(n)) {
                for (int i = 0; i < n; i++) {
                    c.put64(list + i * 8L, t.frame(i));
                }
            } else {
                status = GrantStatus.GENERAL_ERROR;
            }
        }
        c.put16(p + 8, status);
        return 0;
    }

    /** {dom u16, nr_frames u32 at 4, max_nr_frames u32 at 8, status i16 at 12}. */
    private static long querySize(HypercallFrame c, long p) {
        c.checkWritable(p, 16);
        int status = self(c.domain(), c.get16(p));
        if (status == GrantStatus.OKAY) {
            c.put32(p + 4, c.domain().grants.frameCount());
            c.put32(p + 8, GrantTable.MAX_FRAMES);
        }
        c.put16(p + 12, status);
        return 0;
    }

    /** {version u32}: there is version 1 only; guests fall back to it when 2 is not there. */
    private static long setVersion(HypercallFrame c, long p) {
        int version = c.get32(p);
        c.checkWritable(p, 4);
        if (version != 1) {
            return version == 2 ? -Errno.ENOSYS : -Errno.EINVAL;
        }
        c.put32(p, 1);
        return 0;
    }

    /** {dom u16, version u32 at 4}. */
    private static long getVersion(HypercallFrame c, long p) {
        int rc = DomIds.self(c.domain(), c.get16(p));
        if (rc == 0) {
            c.put32(p + 4, 1);
        }
        return rc;
    }

    /** {nr_frames u32, dom u16 at 4, status i16 at 6}: only version 2 has status frames. */
    private static long statusFrames(HypercallFrame c, long p) {
        int status = self(c.domain(), c.get16(p + 4));
        c.put16(p + 6, status == GrantStatus.OKAY ? GrantStatus.GENERAL_ERROR : status);
        return 0;
    }

    /** {ref_a u32, ref_b u32, status i16 at 8}, 12 bytes. */
    private static long swap(HypercallFrame c, long p, int count) {
        for (int i = 0; i < count; i++, p += SWAP_SIZE) {
            c.checkWritable(p + 8, 2);
            c.put16(p + 8, c.domain().grants.swap(c.get32(p), c.get32(p + 4)));
        }
        return 0;
    }
}
