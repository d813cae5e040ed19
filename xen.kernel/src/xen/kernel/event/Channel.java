package xen.kernel.event;

import xen.kernel.core.DomainImpl;

/**
 * One port of a domain's table. Legal changes: FREE to any bound kind; UNBOUND to INTERDOMAIN when the named domain binds; INTERDOMAIN
 * to UNBOUND when the other end closes; every kind to FREE by close. Under the core's lock.
 */
final class Channel {
    /** In the numbering of EVTCHNOP_status, where RESERVED and FREE are both "closed". */
    enum Kind {
        FREE(0), RESERVED(0), UNBOUND(1), INTERDOMAIN(2), VIRQ(4), IPI(5);

        final int status;

        Kind(int status) { this.status = status; }
    }

    final int port;
    Kind kind = Kind.FREE;
    /** The vCPU that gets the upcall. */
    int vcpu;
    /** UNBOUND: who may bind. INTERDOMAIN: the other end's domain. */
    int remoteDomid;
    /** INTERDOMAIN: the other end; exactly one of {@code remote} and {@code dom0} is set. */
    DomainImpl remote;
    int remotePort;
    Dom0Ports.Port dom0;
    int virq;

    Channel(int port) { this.port = port; }

    /** What close leaves; also the state of a fresh port. */
    void free() {
        kind = Kind.FREE;
        vcpu = 0;
        remote = null;
        dom0 = null;
        remotePort = 0;
        remoteDomid = 0;
        virq = 0;
    }

    /** The other end of an interdomain channel closed. */
    void unbind() {
        kind = Kind.UNBOUND;
        remote = null;
        dom0 = null;
        remotePort = 0;
    }
}
