package xen.kernel.api.block.kit;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.LockSupport;
import xen.kernel.api.block.DriverHost;
import xen.kernel.api.control.GrantBatch;
import xen.kernel.api.control.GrantMapping;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.event.EventPort;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.api.time.Timeline;

/**
 * A machine that has only what a block core asks of it: pages of domains, granted or not, event ports, and virtual time that goes on
 * when {@link #run} is called. One thread, but for {@link #real} ones.
 */
public final class SimHost implements DriverHost, Timeline, AutoCloseable {
    public static final int DOMID = 1;

    private record Action(long at, long order, Runnable what, boolean[] cancelled) implements Comparable<Action> {
        @Override public int compareTo(Action o) { return at != o.at ? Long.compare(at, o.at) : Long.compare(order, o.order); }
    }

    private final Raw.Area area;
    private final boolean[] denied;
    private final List<Port> ports = new ArrayList<>();
    private final PriorityQueue<Action> queue = new PriorityQueue<>();
    private long now, order;
    private final int[] owner;
    private int mapped, nextPage, domain = DOMID;
    private boolean trusts;
    private RealTimeline real;

    /** @param pages of all domains; each has its number as grant reference and is granted for writing */
    public SimHost(int pages) {
        area = Raw.allocate(pages * 4096L);
        Raw.zero(area.address(), pages * 4096L);
        denied = new boolean[pages];
        owner = new int[pages];
    }

    /** Pages from now on are that domain's. */
    public void domain(int domid) { domain = domid; }

    /** A page nobody has. */
    public int page() {
        owner[nextPage] = domain;
        return nextPage++;
    }

    public long address(int page) { return area.address() + page * 4096L; }

    /** Takes a grant back; present mappings stay. */
    public void deny(int page, boolean on) { denied[page] = on; }

    /** Mappings that are open. */
    public int mapped() { return mapped; }

    public int pages() { return denied.length; }

    /**
     * From here on time is the host's, and nothing waits for {@link #run}: the timeline has a thread of its own, and a front end's
     * notification is taken on the front end's thread, which may wait for the driver's ({@link Port#await}).
     */
    public SimHost real() {
        real = new RealTimeline();
        return this;
    }

    @Override public boolean virtual() { return real == null; }

    /** Drivers of cores that are opened from now on run on the caller's thread. */
    public SimHost trusting() {
        trusts = true;
        return this;
    }

    @Override public boolean trustsDriver() { return trusts; }

    @Override public Timeline timeline() { return real == null ? this : real; }

    private boolean granted(int domid, int ref) { return ref >= 0 && ref < denied.length && owner[ref] == domid && !denied[ref]; }

    @Override public GrantMapping map(int domid, int ref, boolean readOnly) {
        if (!granted(domid, ref)) {
            throw new HypervisorException(Errno.EACCES, "grant " + ref + " is not there");
        }
        mapped++;
        return new Page(address(ref), readOnly);
    }

    private final class Page implements GrantMapping {
        private long address;
        private final boolean readOnly;

        Page(long address, boolean readOnly) {
            this.address = address;
            this.readOnly = readOnly;
        }

        @Override public long address() {
            if (address == 0) {
                throw new IllegalStateException("closed");
            }
            return address;
        }

        @Override public boolean readOnly() { return readOnly; }

        @Override public void close() {
            if (address == 0) {
                throw new IllegalStateException("closed twice");
            }
            address = 0;
            mapped--;
        }
    }

    @Override public GrantBatch batch(int domid, int most) { return new Batch(domid, most); }

    private final class Batch implements GrantBatch {
        private final int domid;
        private final int[] pages;
        private int count;

        Batch(int domid, int most) {
            this.domid = domid;
            pages = new int[most];
        }

        @Override public boolean map(long[] refs, int wanted, boolean readOnly) {
            if (count != 0) {
                throw new IllegalStateException("mapped already");
            }
            for (int i = 0; i < wanted; i++) {
                if (!granted(domid, (int) refs[i])) {
                    return false;
                }
                pages[i] = (int) refs[i];
            }
            count = wanted;
            mapped += count;
            return true;
        }

        @Override public long address(int page) {
            if (page >= count) {
                throw new IllegalStateException("not mapped");
            }
            return SimHost.this.address(pages[page]);
        }

        @Override public void unmap() {
            mapped -= count;
            count = 0;
        }

        @Override public void close() { unmap(); }
    }

    // Events

    /** One end the driver's, the other the front end's, which looks at {@link #pending}. */
    public final class Port implements EventPort {
        private final int number;
        private final Runnable onEvent, deliver;
        private volatile boolean open = true;
        private boolean queued;
        /** The driver notified. */
        public volatile boolean pending;
        /** Who waits for that. */
        private volatile Thread waiter;

        Port(int number, Runnable onEvent) {
            this.number = number;
            this.onEvent = onEvent;
            deliver = () -> {
                queued = false;
                if (open) {
                    onEvent.run();
                }
            };
        }

        /** The front end notifies. */
        public void kick() {
            if (open && real != null) {
                onEvent.run();
            } else if (open && !queued) {
                queued = true;
                post(deliver);
            }
        }

        @Override public int port() { return number; }

        @Override public void send() {
            pending = true;
            if (waiter != null) {
                LockSupport.unpark(waiter);
            }
        }

        /** In real time, one thread: sleeps until the driver notifies, or has since the last time. @return false when it does not within 10 s */
        public boolean await() {
            long until = System.nanoTime() + 10_000_000_000L;
            waiter = Thread.currentThread();
            while (!pending && System.nanoTime() < until) {
                LockSupport.parkNanos(this, 1_000_000_000);
            }
            waiter = null;
            boolean came = pending;
            pending = false;
            return came;
        }

        @Override public void close() { open = false; }
    }

    @Override public EventPort bind(int domid, int port, Runnable onEvent) {
        Port p = new Port(port, onEvent);
        while (ports.size() <= port) {
            ports.add(null);
        }
        ports.set(port, p);
        p.kick();
        return p;
    }

    /** The driver's end of the port. */
    public Port port(int number) { return ports.get(number); }

    // Time

    @Override public long now() { return now; }

    @Override public Cancellable at(long atNanos, Runnable action) {
        boolean[] cancelled = {false};
        queue.add(new Action(Math.max(now, atNanos), order++, action, cancelled));
        return () -> cancelled[0] = true;
    }

    @Override public void post(Runnable action) { at(now, action); }

    /** Does the next thing; false when there is nothing to do. */
    public boolean step() {
        Action a = queue.poll();
        if (a == null) {
            return false;
        }
        now = a.at;
        if (!a.cancelled[0]) {
            a.what.run();
        }
        return true;
    }

    /** Does everything up to that time. */
    public void run(long until) {
        while (!queue.isEmpty() && queue.peek().at <= until) {
            step();
        }
        now = Math.max(now, until);
    }

    @Override public void close() {
        if (real != null) {
            real.close();
        }
        area.free();
    }
}
