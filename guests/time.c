/* The pvclock is monotonic and agrees with timers; a blocked vCPU wakes at its deadline. */
#include "lib/xen.h"

static volatile int fired;
static u32 timer_port;

static void handler(void) {
    struct vcpu_info *v = &shared->vcpu[0];
    v->upcall_pending = 0;
    u64 words = __atomic_exchange_n(&v->pending_sel, 0, __ATOMIC_ACQ_REL);
    while (words) {
        int w = __builtin_ctzl(words);
        words &= words - 1;
        u64 bits = shared->pending[w] & ~shared->mask[w];
        __atomic_fetch_and(&shared->pending[w], ~bits, __ATOMIC_ACQ_REL);
        if (bits >> (timer_port & 63) & 1) fired++;
    }
}

void guest(void) {
    install_events(handler);
    struct { u32 virq, vcpu, port; } bind = { VIRQ_TIMER, 0, 0 };
    CHECK(hypercall(HC_event_channel_op, EVTCHNOP_bind_virq, (u64)&bind, 0, 0) == 0);
    timer_port = bind.port;
    CHECK(timer_port > 0 && timer_port < 4096);
    __atomic_fetch_and(&shared->mask[timer_port / 64], ~(1UL << (timer_port & 63)), __ATOMIC_ACQ_REL);
    u64 last = now();
    for (int i = 0; i < 10000; i++) {
        u64 t = now();
        CHECK(t >= last);
        last = t;
    }
    /* SCHEDOP_block enables events and sleeps until the timer */
    for (int i = 0; i < 20; i++) {
        u64 deadline = now() + 1000000 * (i + 1);
        int n = fired;
        CHECK(hypercall(HC_set_timer_op, deadline, 0, 0, 0) == 0);
        while (fired == n) hypercall(HC_sched_op, SCHEDOP_block, 0, 0, 0);
        u64 woke = now();
        CHECK(woke >= deadline);
        CHECK(woke < deadline + 100000000UL);
    }
    /* one-shot timer in the past with the future flag is refused */
    struct { u64 deadline; u32 flags; } shot = { now() - 1000, 1 };
    CHECK(hypercall(HC_vcpu_op, 8, 0, (u64)&shot, 0) == -ETIME);
    /* a running vCPU is interrupted */
    int n = fired;
    shot.deadline = now() + 2000000;
    shot.flags = 0;
    CHECK(hypercall(HC_vcpu_op, 8, 0, (u64)&shot, 0) == 0);
    u64 limit = now() + 5000000000UL;
    while (fired == n && now() < limit) ;
    CHECK(fired == n + 1);
    CHECK(shared->wc_sec > 0 && !(shared->wc_version & 1));
}
