package xen.kernel.hypercall;

import xen.kernel.api.hypercall.Errno;
import xen.kernel.api.hypercall.GuestMemory.GuestFault;
import xen.kernel.api.hypercall.HypercallHandler;

/**
 * The core's hypercalls by number. The core's own are registered at power-on and never change; services come and go through
 * {@link #contribute} and {@link #withdraw} on any thread and take only the numbers that the core leaves free.
 */
public final class HypercallTable {
    public static final int SIZE = 64;

    private final CoreHypercall[] own = new CoreHypercall[SIZE];
    private final String[] names = new String[SIZE];
    /** One element a number, written with release by the component's thread: a call in progress may still see the old one. */
    private final java.util.concurrent.atomic.AtomicReferenceArray<HypercallHandler> contributed =
            new java.util.concurrent.atomic.AtomicReferenceArray<>(SIZE);

    /** Power-on only. */
    public void register(int number, String name, CoreHypercall handler) {
        assert own[number] == null : "hypercall " + number + " is already " + names[number];
        own[number] = handler;
        names[number] = name;
    }

    /** @return false when the core has this number itself, it is out of range, or another handler is there */
    public boolean contribute(int number, HypercallHandler handler) {
        return number >= 0 && number < SIZE && own[number] == null && contributed.compareAndSet(number, null, handler);
    }

    public void withdraw(int number, HypercallHandler handler) {
        if (number >= 0 && number < SIZE) {
            contributed.compareAndSet(number, handler, null);
        }
    }

    /** True for a number that the core itself answers. */
    public boolean own(int number) { return own[number] != null; }

    /** The hypercall's name, or "unknown.N". */
    public String name(long number) {
        if (number < 0 || number >= SIZE) {
            return "unknown." + number;
        }
        int n = (int) number;
        return names[n] != null ? names[n] : contributed.get(n) != null ? "plugin." + n : "unknown." + n;
    }

    /** Runs the call that {@code c} describes; a guest's bad pointer becomes -EFAULT, an unknown number -ENOSYS. */
    public long dispatch(HypercallFrame c) {
        int n = c.number();
        if (n < 0 || n >= SIZE) {
            return -Errno.ENOSYS;
        }
        CoreHypercall h = own[n];
        try {
            return h != null ? h.call(c) : plugin(n, c);
        } catch (GuestFault f) {
            return -Errno.EFAULT;
        }
    }

    private long plugin(int n, HypercallFrame c) {
        HypercallHandler h = contributed.get(n);
        if (h == null) {
            return -Errno.ENOSYS;
        }
        try {
            return h.call(c);
        } catch (GuestFault f) {
            throw f;
        } catch (RuntimeException e) {
            // a plugin's fault is not the core's: the guest sees a missing hypercall and the handler is gone
            contributed.compareAndSet(n, h, null);
            org.slf4j.LoggerFactory.getLogger(HypercallTable.class).error("hypercall handler {} failed and was dropped", n, e);
            return -Errno.ENOSYS;
        }
    }
}
