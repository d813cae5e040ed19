package xen.kernel.event;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.event.EventPort;
import xen.kernel.core.Core;
import xen.kernel.core.DomainImpl;

/**
 * Event channels of domain 0 and of driver domains, whose ends are Java callbacks instead of bits in memory. Callbacks run on the timeline, never inside the
 * guest's send; notifications that come before a callback has begun are merged into it. In real time a driver domain's run at
 * the end of the send, without the core's lock: they only wake its thread. Any thread may call; the core's lock is taken.
 */
public final class Dom0Ports {
    private static final Logger LOG = LoggerFactory.getLogger(Dom0Ports.class);

    private final Core core;
    private final ConcurrentHashMap<Integer, Port> ports = new ConcurrentHashMap<>();
    private int last;

    public Dom0Ports(Core core) { this.core = core; }

    /** A port of {@code d} that domain 0 may bind to. */
    public int allocUnbound(DomainImpl d) {
        core.lock.lock();
        try {
            int port = d.events.allocUnbound(0);
            if (port < 0) {
                throw new HypervisorException(-port, d + " has no free event channel: close one first");
            }
            return port;
        } finally {
            core.lock.unlock();
        }
    }

    /** Binds to a port of {@code d} that is unbound for {@code domid}; the callback runs once at the start, because earlier notifications are lost. */
    public EventPort bindInterdomain(int domid, DomainImpl d, int remotePort, Runnable onEvent) {
        core.lock.lock();
        try {
            Port p = new Port(++last, domid, d, remotePort, onEvent);
            int error = d.events.bindDom0(remotePort, p);
            if (error < 0) {
                throw new HypervisorException(-error, d + " port " + remotePort + " is not unbound for domain " + domid + ": the guest has to allocate it"
                        + " (EVTCHNOP_alloc_unbound) or its present holder to close it");
            }
            ports.put(p.number, p);
            p.notified();
            return p;
        } finally {
            core.lock.unlock();
        }
    }

    /** Ports in use, for reports. */
    public int size() { return ports.size(); }

    /** One end on the Java side. Open until {@link #close} or until the peer closes; then sends go nowhere and no callback comes. */
    final class Port implements EventPort {
        private final int number;
        private final int domid;
        private final DomainImpl peer;
        private final int peerPort;
        private final Runnable onEvent;
        private final AtomicBoolean queued = new AtomicBoolean();
        private volatile boolean open = true;
        private final boolean direct;
        private final Runnable deliver = this::deliver;

        private Port(int number, int domid, DomainImpl peer, int peerPort, Runnable onEvent) {
            this.number = number;
            this.domid = domid;
            this.peer = peer;
            this.peerPort = peerPort;
            this.onEvent = onEvent;
            direct = domid != 0 && !core.clock.isVirtual();
        }

        /** Domain that this end acts for. */
        int domid() { return domid; }

        @Override public int port() { return number; }

        @Override public void send() {
            core.lock.lock();
            try {
                if (open) {
                    peer.events.notifyFromDom0(peerPort, this);
                }
            } finally {
                core.lock.unlock();
            }
        }

        @Override public void close() {
            core.lock.lock();
            try {
                if (open) {
                    peer.events.unbindDom0(peerPort, this);
                    peerClosed();
                }
            } finally {
                core.lock.unlock();
            }
        }

        /** The guest closed its end or is gone. */
        void peerClosed() {
            open = false;
            ports.remove(number);
        }

        /** The guest notifies. */
        void notified() {
            if (direct) {
                core.lock.afterwards(deliver);
            } else if (open && queued.compareAndSet(false, true)) {
                core.timeline.post(deliver);
            }
        }

        private void deliver() {
            queued.set(false);
            if (!open) {
                return;
            }
            try {
                onEvent.run();
            } catch (RuntimeException e) {
                // a driver's fault stays the driver's: the core and the other ports go on
                LOG.error("callback of domain 0's event channel {} ({} port {}) failed", number, peer, peerPort, e);
            }
        }
    }
}
