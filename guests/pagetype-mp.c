/*
 * A frame that becomes a page table or a descriptor table while another vCPU still has an old writable translation of it, and uses it
 * without pause. Nobody asks for a flush: that nothing is written to the frame in its new role is the hypervisor's business alone.
 * Needs --vcpus 2; rounds=N.
 */
#include "lib/xen.h"

static u64 frame[512] __attribute__((aligned(4096)));
static u64 other[512] __attribute__((aligned(4096)));
static volatile u64 window[512] __attribute__((aligned(4096)));
static volatile u64 stores;
static volatile int stop;

static u64 rw(const void *p) { return mfn_of(p) * PAGE | PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D; }
static u64 ro(const void *p) { return mfn_of(p) * PAGE | PTE_P | PTE_US | PTE_A; }

static s64 ext(u32 cmd, u64 arg1, u64 arg2) {
    struct mmuext_op op = { cmd, arg1, arg2 };
    return hypercall(HC_mmuext_op, (u64)&op, 1, 0, DOMID_SELF);
}

/* Even numbers: entries that are not present, descriptors that are null or harmless. */
static void hammer(void) {
    while (!stop) {
        for (u64 i = 0; i < 512; i += 4) window[i] = stores & 0xff << 1;
        stores += 2;
    }
    hypercall(HC_vcpu_op, VCPUOP_down, 1, 0, 0);
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

/* Looks at the frame for a while: 0 when it stays as it is. */
static u64 changes(u64 looks) {
    static u64 copy[512];
    volatile u64 *f = frame;
    u64 changed = 0;
    for (int i = 0; i < 512; i++) copy[i] = f[i];
    for (u64 l = 0; l < looks; l++)
        for (int i = 0; i < 512; i += 4) changed += f[i] != copy[i];
    return changed;
}

static void wait_for_stores(void) {
    u64 s = stores;
    for (u64 spins = 1; stores < s + 4; spins++)
        if (spins % 100 == 0) hypercall(HC_sched_op, SCHEDOP_yield, 0, 0, 0);
}

void guest(void) {
    install_traps(trap);
    u64 rounds = number("rounds=", 200), looks = number("looks=", 20), broken = 0, through = 0;
    CHECK(update_va(frame, ro(frame), UVMF_INVLPG | UVMF_ALL) == 0);
    CHECK(update_va((void *)window, rw(frame), UVMF_INVLPG | UVMF_ALL) == 0);
    CHECK(start_vcpu(1, hammer) == 0);
    CHECK(hypercall(HC_vcpu_op, VCPUOP_up, 1, 0, 0) == 0);
    for (u64 r = 0; r < rounds; r++) {
        u64 before = frame[0];
        wait_for_stores();
        through += frame[0] != before;
        /* the page leaves the window, and no TLB is told */
        CHECK(update_va((void *)window, rw(other), UVMF_NONE) == 0);
        if (r & 1) {
            u64 frames[1] = { mfn_of(frame) };
            CHECK(hypercall(HC_set_gdt, (u64)frames, 512, 0, 0) == 0);
            broken += changes(looks);
            CHECK(hypercall(HC_set_gdt, 0, 0, 0, 0) == 0);
        } else {
            CHECK(ext(MMUEXT_PIN_L1, mfn_of(frame), 0) == 0);
            broken += changes(looks);
            CHECK(ext(MMUEXT_UNPIN, mfn_of(frame), 0) == 0);
        }
        CHECK(update_va((void *)window, rw(frame), UVMF_INVLPG | UVMF_ALL) == 0);
    }
    stop = 1;
    print("rounds with stores seen: ");
    print_u64(through);
    print(" of ");
    print_u64(rounds);
    print(", stores to the frame in its new role: ");
    print_u64(broken);
    print("\n");
    CHECK(broken == 0);
    CHECK(through > rounds / 2);
}
