package xen.kernel.mm;

import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.DomainImpl;

/** Special domain ids of the ABI, and who may name whom. */
public final class DomIds {
    public static final int SELF = 0x7ff0, IO = 0x7ff1, XEN = 0x7ff2, INVALID = 0x7ff4;

    private DomIds() {}

    /** 0 when {@code domid} names the caller, else why not: guests act on themselves only. */
    public static int self(DomainImpl caller, long domid) {
        int id = (int) domid & 0xffff;
        return id == SELF || id == caller.id() ? 0 : caller.core.domain(id) == null && id < SELF ? -Errno.ESRCH : -Errno.EPERM;
    }
}
