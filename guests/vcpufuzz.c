/*
 * Every vCPU calls vcpu_op, sched_op, event_channel_op and set_timer_op with arguments drawn at random: numbers of vCPUs, ports and
 * domains that are there and are not, pointers to pages that it may write, read, or not touch. Nobody else may notice, nothing may be
 * stored where the guest itself could not store, and nothing of another domain may be had. vCPU 0 never sleeps and counts.
 * Needs --vcpus N, cpus=N of them fuzz (the others are only initialised); rounds=N, seed=N.
 */
#include "lib/xen.h"

static u64 cpus, rounds, seed;
static u64 buffer[512] __attribute__((aligned(4096)));
static u64 canary[512] __attribute__((aligned(4096)));
static volatile u64 calls[MAX_VCPUS], accepted[MAX_VCPUS];

static u64 next(u64 *state) {
    u64 x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

static u64 below(u64 *state, u64 n) { return next(state) % n; }

/* Answers every upcall; a moved vcpu_info would not be found here, so none is ever moved with success. */
static void handler(void) {
    struct vcpu_info *v = &shared->vcpu[this_vcpu()];
    v->upcall_pending = 0;
    u64 words = __atomic_exchange_n(&v->pending_sel, 0, __ATOMIC_ACQ_REL);
    while (words) {
        int w = __builtin_ctzl(words);
        words &= words - 1;
        __atomic_store_n(&shared->pending[w], 0, __ATOMIC_RELEASE);
    }
}

static void trap(struct regs *r) {
    print("unexpected trap ");
    print_u64(r->vector);
    print(" at ");
    print_u64(r->rip);
    print("\n");
    check_at(0, "trap", __FILE__, (int)r->vector);
    finish();
}

/* Somewhere an argument can be, or cannot: writable, crossing into the read-only page, read-only, unmapped, not canonical, the hypervisor's. */
static u64 pointer(u64 *s) {
    switch (below(s, 10)) {
    case 0: return (u64)canary - 4;
    case 1: return (u64)canary + below(s, 4000);
    case 2: return 0x700000000000UL + below(s, 8);
    case 3: return 0x800000000000UL << below(s, 16);
    case 4: return 0xffff800000000000UL + below(s, 1 << 20);
    default: return (u64)buffer + below(s, 3000);
    }
}

static u64 odd(u64 *s) {
    switch (below(s, 6)) {
    case 0: return next(s);
    case 1: return 1UL << below(s, 64);
    case 2: return -below(s, 4);
    case 3: return now() + below(s, 2000000);
    default: return below(s, 70);
    }
}

static void arguments(u64 *s) {
    for (int i = 0; i < 6; i++) {
        u64 v = odd(s);
        if (next(s) & 1) buffer[below(s, 380)] = v;
        else ((u32 *)buffer)[below(s, 760)] = (u32)v;
    }
}

/* Mostly a vCPU that is there. */
static u64 vcpu_id(u64 *s) { return below(s, 4) ? below(s, cpus) : odd(s); }

static s64 vcpu_op(u64 *s) {
    u64 op = below(s, 16), id = (u32)vcpu_id(s);
    if (op == VCPUOP_up && id >= cpus) op = VCPUOP_is_up; /* those have no place to start at */
    if (op == VCPUOP_down && id == 0) id = cpus - 1;      /* somebody must count */
    if (op == 10) {
        /* frames that it cannot write: tables, the hypervisor's, others', none */
        struct { u64 mfn; u32 offset, pad; } info = { below(s, 3) ? below(s, 600) : mfn_of((void *)start->pt_base), (u32)below(s, 4096), 0 };
        for (u64 i = 0; i < start->nr_pages; i++) if (p2m[i] == info.mfn && info.mfn != mfn_of((void *)start->pt_base)) return -1;
        s64 r = hypercall(HC_vcpu_op, op, id, (u64)&info, 0);
        CHECK(r < 0);
        return r;
    }
    if (op == 5 || op == 13) {
        /* areas that the hypervisor writes from now on: anywhere else they would be this guest's own code and data */
        u64 area[2] = { pointer(s), 0 };
        return hypercall(HC_vcpu_op, op, id, (u64)area, 0);
    }
    return hypercall(HC_vcpu_op, op, id, pointer(s), 0);
}

static s64 sched_op(u64 *s, u64 me) {
    static const u8 ops[] = { SCHEDOP_yield, SCHEDOP_block, SCHEDOP_poll, SCHEDOP_poll, 4, 7, 8, 200 };
    u64 op = ops[below(s, sizeof ops)];
    if (me == 0 && (op == SCHEDOP_block || op == SCHEDOP_poll)) {
        struct { u64 ports; u32 n, pad; u64 timeout; } poll = { pointer(s), (u32)below(s, 200), 0, now() + below(s, 100000) };
        return hypercall(HC_sched_op, SCHEDOP_poll, (u64)&poll, 0, 0);
    }
    s64 r = hypercall(HC_sched_op, op, pointer(s), 0, 0);
    if (op == 4) CHECK(r < 0); /* remote_shutdown */
    return r;
}

static s64 event_op(u64 *s) {
    u64 op = below(s, 64) ? below(s, 10) : below(s, 16);
    u64 at = pointer(s);
    if (op == EVTCHNOP_alloc_unbound || op == EVTCHNOP_status) {
        u16 *domid = (u16 *)buffer;
        domid[0] = (u16)below(s, 40);
        if (domid[0] == 0) {
            /* domain 0's, which this domain is never */
            CHECK(hypercall(HC_event_channel_op, op, (u64)buffer, 0, 0) < 0);
        }
    }
    return hypercall(HC_event_channel_op, op, at, 0, 0);
}

static void fuzz(u64 me) {
    u64 state = (seed + 1) * 0x9e3779b97f4a7c15UL + me * 0xbf58476d1ce4e5b9UL;
    for (u64 r = 0; me != 0 || r < rounds; r++) {
        arguments(&state);
        s64 result;
        switch (below(&state, 8)) {
        case 0: case 1: case 2: result = vcpu_op(&state); break;
        case 3: case 4: result = sched_op(&state, me); break;
        case 5: result = hypercall(HC_set_timer_op, below(&state, 3) ? now() + below(&state, 1000000) : odd(&state), 0, 0, 0); break;
        default: result = event_op(&state);
        }
        calls[me]++;
        accepted[me] += result >= 0;
        /* whoever went to sleep, or was sent there, comes back */
        if (me == 0 && r % 4 == 0) {
            u64 id = 1 + below(&state, cpus - 1);
            hypercall(HC_vcpu_op, VCPUOP_up, id, 0, 0);
            u32 port = (u32)below(&state, 64);
            hypercall(HC_event_channel_op, EVTCHNOP_send, (u64)&port, 0, 0);
        }
    }
}

static void other(void) { fuzz(this_vcpu()); }

void guest(void) {
    cpus = number("cpus=", 4);
    rounds = number("rounds=", 5000);
    seed = number("seed=", 1);
    install_traps(trap);
    install_events(handler);
    for (int i = 0; i < 512; i++) canary[i] = 0x0123456789abcdefUL * (u64)(i + 1);
    CHECK(update_va(canary, mfn_of(canary) * PAGE | PTE_P | PTE_US | PTE_A, UVMF_INVLPG | UVMF_ALL) == 0);
    for (u64 v = 1; v < cpus; v++) CHECK(start_vcpu(v, other) == 0 && hypercall(HC_vcpu_op, VCPUOP_up, v, 0, 0) == 0);
    fuzz(0);
    for (int i = 0; i < 512; i++) CHECK(canary[i] == 0x0123456789abcdefUL * (u64)(i + 1));
    u64 all = 0, done = 0, took_part = 0;
    for (u64 v = 0; v < cpus; v++) all += calls[v], done += accepted[v], took_part += calls[v] > 0;
    print("calls: ");
    print_u64(all);
    print(", accepted: ");
    print_u64(done);
    print(", by vCPUs: ");
    print_u64(took_part);
    print("\n");
    CHECK(took_part == cpus);
    finish();
}
