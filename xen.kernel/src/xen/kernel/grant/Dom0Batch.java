package xen.kernel.grant;

import xen.kernel.api.control.GrantBatch;
import xen.kernel.core.CoreLock;

/** Pages that a driver domain maps together. Known to the table from its making to its closing; the core's lock guards all but {@link #open}. */
final class Dom0Batch implements GrantBatch {
    private final GrantTable table;
    private final int user;
    private final long[] addresses;
    private final int[] refs;
    private int mapped;
    private boolean readOnly;
    /** The addresses may be used. */
    private volatile boolean open;

    Dom0Batch(GrantTable table, int user, int most) {
        this.table = table;
        this.user = user;
        addresses = new long[most];
        refs = new int[most];
    }

    @Override public boolean map(long[] wanted, int count, boolean forReading) {
        CoreLock lock = table.domain.core.lock;
        lock.lock();
        try {
            readOnly = forReading;
            for (mapped = 0; mapped < count; mapped++) {
                int ref = (int) wanted[mapped], mfn = table.acquire(ref, user, readOnly);
                if (mfn < 0) {
                    giveBack();
                    return false;
                }
                refs[mapped] = ref;
                addresses[mapped] = table.domain.core.memory.address(mfn);
            }
            open = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override public long address(int page) {
        if (!open) {
            throw new IllegalStateException("the mapping of grant " + refs[page] + " of " + table.domain + " is closed or revoked");
        }
        return addresses[page];
    }

    @Override public void unmap() {
        CoreLock lock = table.domain.core.lock;
        lock.lock();
        try {
            giveBack();
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock, by whoever gives them back first. */
    void giveBack() {
        open = false;
        while (mapped > 0) {
            table.release(refs[--mapped], readOnly);
        }
    }

    @Override public void close() {
        CoreLock lock = table.domain.core.lock;
        lock.lock();
        try {
            giveBack();
            table.forget(this);
        } finally {
            lock.unlock();
        }
    }
}
