package xen.kernel.grant;

import java.util.concurrent.locks.ReentrantLock;
import xen.kernel.api.control.GrantMapping;

/** A guest's page in domain 0's hands. Closed by its user or revoked by the core; afterwards the address is refused. */
final class Dom0Mapping implements GrantMapping {
    final int ref;
    private final GrantTable table;
    private final boolean readOnly;
    /** 0 = closed or revoked. */
    private volatile long address;

    Dom0Mapping(GrantTable table, int ref, boolean readOnly, long address) {
        this.table = table;
        this.ref = ref;
        this.readOnly = readOnly;
        this.address = address;
    }

    @Override public long address() {
        long a = address;
        if (a == 0) {
            throw new IllegalStateException("the mapping of grant " + ref + " of " + table.domain + " is closed or revoked");
        }
        return a;
    }

    @Override public boolean readOnly() { return readOnly; }

    void revoke() { address = 0; }

    @Override public void close() {
        ReentrantLock lock = table.domain.core.lock;
        lock.lock();
        try {
            revoke();
            table.unmap(this);
        } finally {
            lock.unlock();
        }
    }
}
