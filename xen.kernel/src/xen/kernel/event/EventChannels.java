package xen.kernel.event;

import java.util.Arrays;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;
import xen.kernel.event.Channel.Kind;
import xen.kernel.save.StateReader;
import xen.kernel.save.StateWriter;

/**
 * A domain's event channels in the 2-level form: port 0 is reserved, 4095 usable. Methods return 0 or a port, or -errno in Xen's
 * meaning, and change nothing when they refuse. Called with the core's lock held.
 */
public final class EventChannels {
    private final DomainImpl d;
    private Channel[] table = new Channel[64];
    /** Ports of virtual interrupts by vCPU; 0 = none. Global ones are in row 0. */
    private final int[][] virqPort;
    private int pollers;

    public EventChannels(DomainImpl d) {
        this.d = d;
        table[0] = new Channel(0);
        table[0].kind = Kind.RESERVED;
        virqPort = new int[d.config.vcpus()][];
    }

    /** The port when it is in use, else null. */
    Channel channel(long port) {
        Channel c = port >= 0 && port < table.length ? table[(int) port] : null;
        return c == null || c.kind == Kind.FREE || c.kind == Kind.RESERVED ? null : c;
    }

    private Channel allocate() {
        for (int p = 1; p < TwoLevel.PORTS; p++) {
            if (p == table.length) {
                table = Arrays.copyOf(table, Math.min(2 * p, TwoLevel.PORTS));
            }
            if (table[p] == null) {
                table[p] = new Channel(p);
            }
            if (table[p].kind == Kind.FREE) {
                return table[p];
            }
        }
        return null;
    }

    // Binding

    /** EVTCHNOP_alloc_unbound. */
    public int allocUnbound(int remoteDomid) {
        Channel c = allocate();
        if (c == null) {
            return -Errno.ENOSPC;
        }
        c.kind = Kind.UNBOUND;
        c.remoteDomid = remoteDomid;
        return c.port;
    }

    /** EVTCHNOP_bind_interdomain to an unbound port of {@code remote} that names this domain. */
    public int bindInterdomain(DomainImpl remote, long remotePort) {
        Channel r = remote.events.channel(remotePort);
        if (r == null || r.kind != Kind.UNBOUND || r.remoteDomid != d.id()) {
            return -Errno.EINVAL;
        }
        Channel c = allocate();
        if (c == null) {
            return -Errno.ENOSPC;
        }
        c.kind = Kind.INTERDOMAIN;
        c.remoteDomid = remote.id();
        c.remote = remote;
        c.remotePort = r.port;
        r.kind = Kind.INTERDOMAIN;
        r.remote = d;
        r.remotePort = c.port;
        // what was sent while the port was unbound is lost: one event makes the binder look
        raise(c);
        return c.port;
    }

    /** The Java side takes the other end of an unbound port, as the domain that {@code p} acts for. @return 0 or -errno */
    int bindDom0(long port, Dom0Ports.Port p) {
        Channel c = channel(port);
        if (c == null || c.kind != Kind.UNBOUND || c.remoteDomid != p.domid()) {
            return -Errno.EINVAL;
        }
        c.kind = Kind.INTERDOMAIN;
        c.dom0 = p;
        c.remotePort = p.port();
        return 0;
    }

    /** Domain 0 closed its end. */
    void unbindDom0(int port, Dom0Ports.Port p) {
        Channel c = channel(port);
        if (c != null && c.dom0 == p) {
            c.unbind();
        }
    }

    /** EVTCHNOP_bind_virq. */
    public int bindVirq(long virq, long vcpu) {
        if (virq < 0 || virq >= Virq.COUNT || vcpu != 0 && !Virq.perVcpu((int) virq)) {
            return -Errno.EINVAL;
        }
        if (vcpu < 0 || vcpu >= virqPort.length) {
            return -Errno.ENOENT;
        }
        int[] row = row((int) vcpu);
        if (row[(int) virq] != 0) {
            return -Errno.EEXIST;
        }
        Channel c = allocate();
        if (c == null) {
            return -Errno.ENOSPC;
        }
        c.kind = Kind.VIRQ;
        c.vcpu = (int) vcpu;
        c.virq = (int) virq;
        row[c.virq] = c.port;
        return c.port;
    }

    private int[] row(int vcpu) {
        if (virqPort[vcpu] == null) {
            virqPort[vcpu] = new int[Virq.COUNT];
        }
        return virqPort[vcpu];
    }

    /** EVTCHNOP_bind_ipi. */
    public int bindIpi(long vcpu) {
        if (vcpu < 0 || vcpu >= virqPort.length) {
            return -Errno.ENOENT;
        }
        Channel c = allocate();
        if (c == null) {
            return -Errno.ENOSPC;
        }
        c.kind = Kind.IPI;
        c.vcpu = (int) vcpu;
        return c.port;
    }

    /** EVTCHNOP_bind_vcpu: who gets the upcalls of a port that is not tied to a vCPU by its kind. */
    public int bindVcpu(long port, long vcpu) {
        if (vcpu < 0 || vcpu >= virqPort.length) {
            return -Errno.ENOENT;
        }
        Channel c = channel(port);
        boolean movable = c != null && switch (c.kind) {
            case UNBOUND, INTERDOMAIN -> true;
            case VIRQ -> !Virq.perVcpu(c.virq);
            default -> false;
        };
        if (!movable) {
            return -Errno.EINVAL;
        }
        c.vcpu = (int) vcpu;
        return 0;
    }

    /** EVTCHNOP_close. */
    public int close(long port) {
        Channel c = channel(port);
        if (c == null) {
            return -Errno.EINVAL;
        }
        switch (c.kind) {
            case VIRQ -> row(Virq.perVcpu(c.virq) ? c.vcpu : 0)[c.virq] = 0;
            case INTERDOMAIN -> {
                if (c.dom0 != null) {
                    c.dom0.peerClosed();
                } else {
                    c.remote.events.table[c.remotePort].unbind();
                }
            }
            default -> { }
        }
        TwoLevel.clearPending(d, c.port);
        c.free();
        return 0;
    }

    /** EVTCHNOP_reset. */
    public int reset() {
        for (int p = 1; p < table.length; p++) {
            if (channel(p) != null) {
                close(p);
            }
        }
        return 0;
    }

    /** The domain goes: closes every port. */
    public void dispose() { reset(); }

    // Signalling

    /** EVTCHNOP_send. */
    public int send(long port) {
        Channel c = channel(port);
        if (c == null) {
            return -Errno.EINVAL;
        }
        switch (c.kind) {
            case INTERDOMAIN -> {
                if (c.dom0 != null) {
                    c.dom0.notified();
                } else {
                    c.remote.events.raise(c.remote.events.table[c.remotePort]);
                }
            }
            case IPI -> raise(c);
            // nobody there yet: dropped silently, and made up for when somebody binds
            case UNBOUND -> { }
            default -> { return -Errno.EINVAL; }
        }
        return 0;
    }

    /** The other end, domain 0, notifies this port. */
    void notifyFromDom0(int port, Dom0Ports.Port p) {
        Channel c = channel(port);
        if (c != null && c.dom0 == p) {
            raise(c);
        }
    }

    private void raise(Channel c) {
        VcpuImpl v = d.vcpu(c.vcpu);
        if (TwoLevel.setPending(v, c.port)) {
            wake(v);
        }
        if (pollers != 0) {
            wakePollers(c.port);
        }
    }

    private static void wake(VcpuImpl v) {
        v.sched.unblock();
        v.sched.kick();
    }

    private void wakePollers(int port) {
        for (VcpuImpl v : d.vcpus()) {
            if (v.sched.pollsFor(port)) {
                v.sched.unblock();
            }
        }
    }

    /** A vCPU began (+1) or ended (-1) to poll. */
    public void pollers(int delta) { pollers += delta; }

    /** True when the port is in use and its pending bit is set. */
    public boolean isPending(long port) { return channel(port) != null && TwoLevel.isPending(d, (int) port); }

    /** Raises a virtual interrupt (VIRQ_*) bound by the vCPU (or, a global one, by the domain); ignored when it is not bound. */
    public void raiseVirq(VcpuImpl v, int virq) {
        int[] row = virqPort[Virq.perVcpu(virq) ? v.id() : 0];
        if (row != null && row[virq] != 0) {
            raise(table[row[virq]]);
        }
    }

    /** EVTCHNOP_unmask. */
    public int unmask(long port) {
        Channel c = channel(port);
        if (c == null) {
            return -Errno.EINVAL;
        }
        VcpuImpl v = d.vcpu(c.vcpu);
        if (TwoLevel.unmask(v, c.port)) {
            wake(v);
        }
        return 0;
    }

    // Saving

    /** Why the ports cannot be captured, or null. */
    public String shared() {
        for (Channel c : table) {
            if (c != null && c.kind == Kind.INTERDOMAIN && c.remote != null) {
                return "port " + c.port + " is connected with port " + c.remotePort + " of " + c.remote;
            }
        }
        return null;
    }

    /** Ports bound by domain 0 are written as unbound: its back ends bind again. */
    public void capture(StateWriter w) {
        int used = 0;
        for (int p = 1; p < table.length; p++) {
            used += channel(p) != null ? 1 : 0;
        }
        w.part("events").i32(used);
        for (int p = 1; p < table.length; p++) {
            Channel c = channel(p);
            if (c != null) {
                w.i32(p).i32((c.kind == Kind.INTERDOMAIN ? Kind.UNBOUND : c.kind).status).i32(c.vcpu).i32(c.remoteDomid).i32(c.virq);
            }
        }
    }

    /** Of a domain without ports. Pending and mask bits are in shared_info, in the guest's memory. */
    public void restore(StateReader r) {
        r.part("events");
        int used = r.i32("ports", 0, TwoLevel.PORTS - 1);
        for (int last = 0; used > 0; used--) {
            int p = r.i32("port", last + 1, TwoLevel.PORTS - 1);
            last = p;
            while (p >= table.length) {
                table = Arrays.copyOf(table, Math.min(2 * table.length, TwoLevel.PORTS));
            }
            Channel c = table[p] = new Channel(p);
            int status = r.i32("kind of port " + p, 0, 5);
            c.kind = status == Kind.UNBOUND.status ? Kind.UNBOUND : status == Kind.VIRQ.status ? Kind.VIRQ : status == Kind.IPI.status ? Kind.IPI : null;
            c.vcpu = r.i32("vCPU of port " + p, 0, virqPort.length - 1);
            c.remoteDomid = r.i32("peer of port " + p, 0, 0x7fff);
            c.virq = r.i32("VIRQ of port " + p, 0, Virq.COUNT - 1);
            if (c.kind == null || c.kind == Kind.VIRQ && row(Virq.perVcpu(c.virq) ? c.vcpu : 0)[c.virq] != 0) {
                throw r.refused("port " + p + " is of kind " + status + " and VIRQ " + c.virq);
            }
            if (c.kind == Kind.VIRQ) {
                row(Virq.perVcpu(c.virq) ? c.vcpu : 0)[c.virq] = p;
            }
        }
    }
}
