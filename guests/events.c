/* Event channels: loop-back interdomain, IPI, masks, polling, closing. */
#include "lib/xen.h"

static volatile u64 seen[64];
static volatile int upcalls;

static void handler(void) {
    struct vcpu_info *v = &shared->vcpu[0];
    upcalls++;
    CHECK(v->upcall_mask == 1);
    v->upcall_pending = 0;
    u64 words = __atomic_exchange_n(&v->pending_sel, 0, __ATOMIC_ACQ_REL);
    for (int w = 0; w < 64; w++) {
        if (!(words >> w & 1)) continue;
        u64 bits = shared->pending[w] & ~shared->mask[w];
        __atomic_fetch_and(&shared->pending[w], ~bits, __ATOMIC_ACQ_REL);
        seen[w] |= bits;
    }
}

static int took(u32 port) {
    u64 bit = 1UL << (port & 63);
    int yes = (seen[port / 64] & bit) != 0;
    seen[port / 64] &= ~bit;
    return yes;
}

static void unmask(u32 port) { CHECK(hypercall(HC_event_channel_op, EVTCHNOP_unmask, (u64)&port, 0, 0) == 0); }
static s64 send(u32 port) { return hypercall(HC_event_channel_op, EVTCHNOP_send, (u64)&port, 0, 0); }
static s64 close(u32 port) { return hypercall(HC_event_channel_op, EVTCHNOP_close, (u64)&port, 0, 0); }

void guest(void) {
    install_events(handler);
    shared->vcpu[0].upcall_mask = 0;
    struct { u16 dom, remote; u32 port; } unbound = { DOMID_SELF, DOMID_SELF, 0 };
    CHECK(hypercall(HC_event_channel_op, EVTCHNOP_alloc_unbound, (u64)&unbound, 0, 0) == 0);
    struct { u16 remote, pad; u32 remote_port, port; } inter = { DOMID_SELF, 0, unbound.port, 0 };
    CHECK(hypercall(HC_event_channel_op, EVTCHNOP_bind_interdomain, (u64)&inter, 0, 0) == 0);
    CHECK(inter.port != unbound.port);
    unmask(unbound.port);
    unmask(inter.port);
    /* the new end starts pending: its peer may have sent before the binding */
    CHECK(took(inter.port));
    CHECK(send(inter.port) == 0);
    CHECK(took(unbound.port) && !took(inter.port));
    CHECK(send(unbound.port) == 0);
    CHECK(took(inter.port));

    /* masked: pending, no upcall; unmasking delivers */
    __atomic_fetch_or(&shared->mask[inter.port / 64], 1UL << (inter.port & 63), __ATOMIC_ACQ_REL);
    int n = upcalls;
    CHECK(send(unbound.port) == 0);
    CHECK(upcalls == n && shared->pending[inter.port / 64] >> (inter.port & 63) & 1);
    unmask(inter.port);
    CHECK(took(inter.port));

    /* vCPU masked: delivered when the mask is cleared and any hypercall is made */
    shared->vcpu[0].upcall_mask = 1;
    n = upcalls;
    CHECK(send(unbound.port) == 0);
    CHECK(upcalls == n && shared->vcpu[0].upcall_pending);
    shared->vcpu[0].upcall_mask = 0;
    hypercall(HC_xen_version, 0, 0, 0, 0);
    CHECK(upcalls == n + 1 && took(inter.port));

    struct { u32 vcpu, port; } ipi = { 0, 0 };
    CHECK(hypercall(HC_event_channel_op, EVTCHNOP_bind_ipi, (u64)&ipi, 0, 0) == 0);
    unmask(ipi.port);
    CHECK(send(ipi.port) == 0);
    CHECK(took(ipi.port));

    /* poll returns at once for a pending masked port, and at its timeout for a quiet one */
    __atomic_fetch_or(&shared->mask[ipi.port / 64], 1UL << (ipi.port & 63), __ATOMIC_ACQ_REL);
    CHECK(send(ipi.port) == 0);
    u32 port = ipi.port;
    struct { u32 *ports; u32 nr, pad; u64 timeout; } poll = { &port, 1, 0, 0 };
    shared->vcpu[0].upcall_mask = 1;
    CHECK(hypercall(HC_sched_op, SCHEDOP_poll, (u64)&poll, 0, 0) == 0);
    __atomic_fetch_and(&shared->pending[port / 64], ~(1UL << (port & 63)), __ATOMIC_ACQ_REL);
    u64 before = now();
    poll.timeout = before + 3000000;
    CHECK(hypercall(HC_sched_op, SCHEDOP_poll, (u64)&poll, 0, 0) == 0);
    CHECK(now() >= before + 3000000);
    shared->vcpu[0].upcall_mask = 0;

    CHECK(close(inter.port) == 0);
    CHECK(send(unbound.port) != 0 || !took(inter.port));
    CHECK(close(4095) == -EINVAL);
    CHECK(send(4000) == -EINVAL);
    CHECK(close(100000) == -EINVAL);
    ipi.vcpu = 77;
    CHECK(hypercall(HC_event_channel_op, EVTCHNOP_bind_ipi, (u64)&ipi, 0, 0) == -ENOENT);
    struct { u32 virq, vcpu, port; } bind = { VIRQ_TIMER, 0, 0 };
    CHECK(hypercall(HC_event_channel_op, EVTCHNOP_bind_virq, (u64)&bind, 0, 0) == 0);
    CHECK(hypercall(HC_event_channel_op, EVTCHNOP_bind_virq, (u64)&bind, 0, 0) == -EEXIST);
    bind.virq = 99;
    CHECK(hypercall(HC_event_channel_op, EVTCHNOP_bind_virq, (u64)&bind, 0, 0) == -EINVAL);
}
