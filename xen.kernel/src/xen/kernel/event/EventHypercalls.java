package xen.kernel.event;

import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.Core;
import xen.kernel.core.DomainImpl;
import xen.kernel.event.Channel.Kind;
import xen.kernel.hypercall.HypercallFrame;
import xen.kernel.hypercall.HypercallTable;

/** event_channel_op: decodes each sub-operation's structure (public/event_channel.h) and hands over to {@link EventChannels}. */
public final class EventHypercalls {
    private static final int BIND_INTERDOMAIN = 0, BIND_VIRQ = 1, BIND_PIRQ = 2, CLOSE = 3, SEND = 4, STATUS = 5, ALLOC_UNBOUND = 6,
            BIND_IPI = 7, BIND_VCPU = 8, UNMASK = 9, RESET = 10;
    private static final int DOMID_SELF = 0x7ff0;

    private final Core core;

    private EventHypercalls(Core core) { this.core = core; }

    public static void register(HypercallTable t, Core core) {
        EventHypercalls e = new EventHypercalls(core);
        t.register(32, "event_channel_op", c -> e.call(c, (int) c.arg(0), c.arg(1)));
        t.register(16, "event_channel_op_compat", e::compat);
    }

    /** The old form: one structure {u32 cmd; arguments}. */
    private long compat(HypercallFrame c) {
        int cmd = c.get32(c.arg(0));
        return cmd < 0 || cmd > UNMASK ? -Errno.ENOSYS : call(c, cmd, c.arg(0) + 4);
    }

    private long call(HypercallFrame c, int cmd, long at) {
        EventChannels own = c.domain().events;
        return switch (cmd) {
            case SEND -> own.send(u32(c, at));
            case UNMASK -> own.unmask(u32(c, at));
            case CLOSE -> own.close(u32(c, at));
            case BIND_VCPU -> own.bindVcpu(u32(c, at), u32(c, at + 4));
            case BIND_VIRQ -> result(c, at + 8, () -> own.bindVirq(u32(c, at), u32(c, at + 4)));
            case BIND_IPI -> result(c, at + 4, () -> own.bindIpi(u32(c, at)));
            case ALLOC_UNBOUND -> allocUnbound(c, at);
            case BIND_INTERDOMAIN -> bindInterdomain(c, at);
            case STATUS -> status(c, at);
            case RESET -> reset(c, at);
            // physical interrupts belong to domains with devices: this domain has none
            case BIND_PIRQ -> -Errno.EPERM;
            // init_control, expand_array, set_priority: FIFO events; the guest falls back to the 2-level form
            default -> -Errno.ENOSYS;
        };
    }

    private static long u32(HypercallFrame c, long va) { return c.get32(va) & 0xffff_ffffL; }

    /** Runs {@code op} and stores the port it gives; checked before, so that no port is bound that the guest cannot learn. */
    private static long result(HypercallFrame c, long va, java.util.function.IntSupplier op) {
        c.checkWritable(va, 4);
        int port = op.getAsInt();
        if (port < 0) {
            return port;
        }
        c.put32(va, port);
        return 0;
    }

    /** The domain that a domid argument names, as far as the caller may act on it; null otherwise. */
    private DomainImpl subject(HypercallFrame c, int domid) {
        DomainImpl self = c.domain();
        return domid == DOMID_SELF || domid == self.id() ? self : self.config.privileged() ? core.domain(domid) : null;
    }

    private long refuse(HypercallFrame c, int domid) {
        return c.domain().config.privileged() ? -Errno.ESRCH : -Errno.EPERM;
    }

    private long allocUnbound(HypercallFrame c, long at) {
        int domid = c.get16(at);
        int remote = c.get16(at + 2);
        DomainImpl d = subject(c, domid);
        if (d == null) {
            return refuse(c, domid);
        }
        return result(c, at + 4, () -> d.events.allocUnbound(remote == DOMID_SELF ? c.domain().id() : remote));
    }

    private long bindInterdomain(HypercallFrame c, long at) {
        int domid = c.get16(at);
        long port = u32(c, at + 4);
        DomainImpl remote = domid == DOMID_SELF ? c.domain() : core.domain(domid);
        if (remote == null) {
            // domain 0's own ports are bound from its side only
            return domid == 0 ? -Errno.EINVAL : -Errno.ESRCH;
        }
        return result(c, at + 8, () -> c.domain().events.bindInterdomain(remote, port));
    }

    private long status(HypercallFrame c, long at) {
        int domid = c.get16(at);
        DomainImpl d = subject(c, domid);
        if (d == null) {
            return refuse(c, domid);
        }
        long port = u32(c, at + 4);
        if (port >= TwoLevel.PORTS) {
            return -Errno.EINVAL;
        }
        c.checkWritable(at + 8, 16);
        Channel s = d.events.channel(port);
        c.put32(at + 8, s == null ? Kind.FREE.status : s.kind.status);
        c.put32(at + 12, s == null ? 0 : s.vcpu);
        if (s == null) {
            return 0;
        }
        switch (s.kind) {
            case UNBOUND -> c.put16(at + 16, s.remoteDomid);
            case INTERDOMAIN -> {
                c.put16(at + 16, s.remoteDomid);
                c.put32(at + 20, s.remotePort);
            }
            case VIRQ -> c.put32(at + 16, s.virq);
            default -> { }
        }
        return 0;
    }

    private long reset(HypercallFrame c, long at) {
        int domid = c.get16(at);
        DomainImpl d = subject(c, domid);
        return d == null ? refuse(c, domid) : d.events.reset();
    }
}
