/* A second vCPU: brought up, talked to by IPIs both ways, flushed, taken down and up again. Needs --vcpus 2. */
#include "lib/xen.h"

enum { ROUNDS = 200, ADDS = 20000 };

static u32 port_of[2];          /* the IPI port of each vCPU */
static volatile u64 got[2];     /* upcalls for it */
static volatile int phase, answer;
static u64 counter;
static volatile u64 window[512] __attribute__((aligned(4096)));
static u64 one[512] __attribute__((aligned(4096))), two[512] __attribute__((aligned(4096)));

static void handler(void) {
    u32 me = this_vcpu();
    struct vcpu_info *v = &shared->vcpu[me];
    v->upcall_pending = 0;
    u64 words = __atomic_exchange_n(&v->pending_sel, 0, __ATOMIC_ACQ_REL);
    while (words) {
        int w = __builtin_ctzl(words);
        words &= words - 1;
        u64 bits = shared->pending[w] & ~shared->mask[w];
        __atomic_fetch_and(&shared->pending[w], ~bits, __ATOMIC_ACQ_REL);
        if (w == (int)port_of[me] / 64 && bits >> (port_of[me] & 63) & 1) got[me]++;
    }
}

static void bind(u32 vcpu) {
    struct { u32 vcpu, port; } ipi = { vcpu, 0 };
    CHECK(hypercall(HC_event_channel_op, EVTCHNOP_bind_ipi, (u64)&ipi, 0, 0) == 0);
    port_of[vcpu] = ipi.port;
    CHECK(hypercall(HC_event_channel_op, EVTCHNOP_unmask, (u64)&ipi.port, 0, 0) == 0);
}

static void kick(u32 vcpu) { CHECK(hypercall(HC_event_channel_op, EVTCHNOP_send, (u64)&port_of[vcpu], 0, 0) == 0); }

/* Sleeps until more than n upcalls came to this vCPU. Masked between the look and SCHEDOP_block, which unmasks: no wake-up is lost. */
static void sleep_past(u32 me, u64 n) {
    for (;;) {
        shared->vcpu[me].upcall_mask = 1;
        __asm__ volatile("" ::: "memory");
        if (got[me] > n) break;
        hypercall(HC_sched_op, SCHEDOP_block, 0, 0, 0);
    }
    shared->vcpu[me].upcall_mask = 0;
    __asm__ volatile("" ::: "memory");
    if (shared->vcpu[me].upcall_pending) hypercall(HC_xen_version, 0, 0, 0, 0);
}

static void wait_for(volatile int *what, int value) {
    u64 limit = now() + 20000000000UL;
    while (*what != value && now() < limit) hypercall(HC_sched_op, SCHEDOP_yield, 0, 0, 0);
    CHECK(*what == value);
}

static s64 vcpu(u64 op, u64 id) { return hypercall(HC_vcpu_op, op, id, 0, 0); }

static void second(void) {
    CHECK(this_vcpu() == 1);
    shared->vcpu[1].upcall_mask = 0;
    phase = 1;
    for (u64 i = 0; i < ROUNDS; i++) {
        sleep_past(1, i);
        kick(0);
    }
    wait_for(&phase, 2);
    answer = (int)window[0];
    phase = 3;
    wait_for(&phase, 4);
    answer = (int)window[0];
    phase = 5;
    for (int i = 0; i < ADDS; i++) __atomic_fetch_add(&counter, 1, __ATOMIC_SEQ_CST);
    phase = 6;
    vcpu(VCPUOP_down, 1);
    /* up again: it goes on where it went down */
    phase = 7;
    vcpu(VCPUOP_down, 1);
}

static void nothing(struct regs *r) {
    print("unexpected trap ");
    print_u64(r->vector);
    print("\n");
    check_at(0, "trap", __FILE__, (int)r->rip);
    finish();
}

void guest(void) {
    install_traps(nothing);
    install_events(handler);
    shared->vcpu[0].upcall_mask = 0;
    CHECK(vcpu(VCPUOP_is_up, 0) == 1);
    CHECK(vcpu(VCPUOP_is_up, 1) == 0);
    CHECK(vcpu(VCPUOP_is_up, 2) == -ENOENT);
    CHECK(vcpu(VCPUOP_is_up, 1UL << 31) == -ENOENT);
    CHECK(vcpu(VCPUOP_up, 1) == -EINVAL);
    CHECK(hypercall(HC_vcpu_op, VCPUOP_initialise, 1, 0xffff800000000000UL, 0) == -EFAULT);
    CHECK(hypercall(HC_vcpu_op, VCPUOP_initialise, 1, 0x7000000000UL, 0) == -EFAULT);
    CHECK(start_vcpu(1, (void (*)(void))0x8000000000000000UL) == -EINVAL);
    CHECK(start_vcpu(1, second) == 0);
    CHECK(start_vcpu(1, second) == -EEXIST);
    CHECK(vcpu(VCPUOP_is_up, 1) == 0);
    bind(0);
    bind(1);
    CHECK(vcpu(VCPUOP_up, 1) == 0);
    CHECK(vcpu(VCPUOP_is_up, 1) == 1);
    wait_for(&phase, 1);
    for (u64 i = 0; i < ROUNDS; i++) {
        kick(1);
        sleep_past(0, i);
    }
    CHECK(got[0] == ROUNDS && got[1] == ROUNDS);

    /* a mapping that changes here changes there */
    one[0] = 111;
    two[0] = 222;
    CHECK(update_va((void *)window, mfn_of(one) * PAGE | PTE_P | PTE_US | PTE_A, UVMF_INVLPG | UVMF_ALL) == 0);
    phase = 2;
    wait_for(&phase, 3);
    CHECK(answer == 111);
    CHECK(update_va((void *)window, mfn_of(two) * PAGE | PTE_P | PTE_US | PTE_A, UVMF_INVLPG | UVMF_ALL) == 0);
    phase = 4;
    for (int i = 0; i < ADDS; i++) __atomic_fetch_add(&counter, 1, __ATOMIC_SEQ_CST);
    wait_for(&phase, 6);
    CHECK(answer == 222);
    CHECK(counter == 2 * ADDS);

    u64 limit = now() + 20000000000UL;
    while (vcpu(VCPUOP_is_up, 1) && now() < limit) hypercall(HC_sched_op, SCHEDOP_yield, 0, 0, 0);
    CHECK(vcpu(VCPUOP_is_up, 1) == 0);
    CHECK(phase == 6);
    CHECK(vcpu(VCPUOP_up, 1) == 0);
    wait_for(&phase, 7);
}
