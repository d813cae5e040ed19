package xen.kernel.hypercall;

import xen.kernel.api.hypercall.Errno;

/** console_io (18): the emergency console. Writes go to the core's log and to listeners; there is no input. */
final class ConsoleIo {
    private static final int WRITE = 0, READ = 1, PIECE = 4096;

    private ConsoleIo() {}

    static long call(HypercallFrame c) {
        int count = (int) c.arg(1);
        long buffer = c.arg(2);
        switch ((int) c.arg(0)) {
            case WRITE: {
                if (count <= 0) {
                    return count == 0 ? 0 : -Errno.E2BIG;
                }
                int piece = Math.min(count, PIECE);
                c.core().log.guest(c.domain(), c.read(buffer, piece));
                return piece == count ? 0 : c.outermost() ? c.again(WRITE, count - piece, buffer + piece) : -Errno.E2BIG;
            }
            case READ: return 0;
            default: return -Errno.ENOSYS;
        }
    }
}
