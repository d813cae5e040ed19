package xen.kernel.hypercall;

import xen.kernel.api.hypercall.Errno;

/**
 * multicall (13): a list of hypercalls {op, result, six arguments} in guest memory, done in order; each result is written into its
 * entry. Long lists are done in pieces: the guest re-enters with what is left, so that nobody holds the core's lock for long.
 */
final class Multicall {
    private static final int ENTRY = 64, PIECE = 512, MULTICALL = 13, IRET = 23;

    private Multicall() {}

    static long call(HypercallFrame c) {
        if (!c.outermost()) {
            return -Errno.EINVAL;
        }
        long list = c.arg(0);
        long count = c.arg(1) & 0xffff_ffffL;
        HypercallTable table = c.core().hypercalls;
        HypercallFrame inner = c.vcpu().traps.multicall;
        long piece = Math.min(count, PIECE);
        for (long i = 0; i < piece; i++, list += ENTRY) {
            long op = c.get64(list);
            c.checkWritable(list + 8, 8);
            inner.begin((op & -HypercallTable.SIZE) == 0 && op != IRET ? (int) op : -1, c.get64(list + 16), c.get64(list + 24),
                    c.get64(list + 32), c.get64(list + 40), c.get64(list + 48), c.get64(list + 56));
            c.vcpu().traps.countCall(table, op);
            c.put64(list + 8, op == MULTICALL ? -Errno.EINVAL : table.dispatch(inner));
            if (!c.domain().live()) {
                return 0;
            }
        }
        return piece == count ? 0 : c.again(list, count - piece, c.arg(2));
    }
}
