/* Tries to reach frames, ports and domains that are not its own by every hypercall that takes one. Nothing may succeed, nothing of its own may change. */
#include "lib/xen.h"

static u64 table[512] __attribute__((aligned(4096)));
static u64 page[512] __attribute__((aligned(4096)));
static char window[PAGE] __attribute__((aligned(4096)));

static void handler(struct regs *r) {
    print("unexpected trap ");
    print_u64(r->vector);
    print("\n");
    check_at(0, "trap", __FILE__, (int)r->rip);
    finish();
}

static u64 highest, grant_frame;

static int own(u64 mfn) {
    if (mfn == start->shared_info / PAGE || mfn == grant_frame) return 1;
    for (u64 i = 0; i < start->nr_pages; i++) if (p2m[i] == mfn) return 1;
    return 0;
}

static s64 ext(u32 cmd, u64 a, u64 b, u64 dom) {
    struct mmuext_op op = { cmd, a, b };
    return hypercall(HC_mmuext_op, (u64)&op, 1, 0, dom);
}

static s64 set(u64 ptr, u64 val, u64 dom) {
    struct mmu_update u = { ptr, val };
    return hypercall(HC_mmu_update, (u64)&u, 1, 0, dom);
}

static void frame(u64 f) {
    u64 m = mfn_of(table), rw = f * PAGE | PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D;
    CHECK(update_va(window, rw, UVMF_INVLPG) < 0);
    CHECK(update_va(window, rw & ~PTE_RW, UVMF_INVLPG) < 0);
    CHECK(set(m * PAGE, rw, DOMID_SELF) < 0);
    CHECK(set(m * PAGE, rw & ~PTE_RW, DOMID_SELF) < 0);
    CHECK(set(f * PAGE, 0, DOMID_SELF) < 0);
    CHECK(set(f * PAGE | MMU_MACHPHYS, 5, DOMID_SELF) < 0);
    CHECK(set(f * PAGE | MMU_KEEP_AD, 0, DOMID_SELF) < 0);
    for (u32 level = MMUEXT_PIN_L1; level <= MMUEXT_PIN_L4; level++) CHECK(ext(level, f, 0, DOMID_SELF) < 0);
    CHECK(ext(MMUEXT_UNPIN, f, 0, DOMID_SELF) < 0);
    CHECK(ext(MMUEXT_NEW_BASEPTR, f, 0, DOMID_SELF) < 0);
    if (f != 0) CHECK(ext(MMUEXT_NEW_USER_BASEPTR, f, 0, DOMID_SELF) < 0); /* 0: no user tables */
    CHECK(ext(MMUEXT_CLEAR_PAGE, f, 0, DOMID_SELF) < 0);
    CHECK(ext(MMUEXT_COPY_PAGE, f, mfn_of(page), DOMID_SELF) < 0);
    CHECK(ext(MMUEXT_COPY_PAGE, mfn_of(page), f, DOMID_SELF) < 0);
    CHECK(hypercall(HC_set_gdt, (u64)&f, 512, 0, 0) < 0);
    CHECK(hypercall(HC_update_descriptor, f * PAGE, 0, 0, 0) < 0);
    struct { u64 mfn; u32 offset, pad; } info = { f, 0, 0 };
    CHECK(hypercall(HC_vcpu_op, 10, 0, (u64)&info, 0) < 0);
    struct { u64 src; u16 sdom, soff; u32 pad1; u64 dst; u16 ddom, doff; u32 pad2; u16 len, flags; short status; } copy =
        { f, DOMID_SELF, 0, 0, mfn_of(page), DOMID_SELF, 0, 0, 8, 0, 1 };
    CHECK(hypercall(HC_grant_table_op, GNTTABOP_copy, (u64)&copy, 1, 0) == 0 && copy.status < 0);
    copy.src = mfn_of(page);
    copy.dst = f;
    copy.status = 1;
    CHECK(hypercall(HC_grant_table_op, GNTTABOP_copy, (u64)&copy, 1, 0) == 0 && copy.status < 0);
    u64 list[1] = { f };
    struct { u64 *extents, nr; u32 order, flags; u16 domid; } give = { list, 1, 0, 0, DOMID_SELF };
    CHECK(hypercall(HC_memory_op, 1, (u64)&give, 0, 0) == 0);
}

static void domains(void) {
    u64 others[] = { 0, 1, 2, 77, 0x7fef, 0x7ff1, 0x7ff2, 0x7ff4, 0xffff };
    u64 m = mfn_of(page);
    for (u64 i = 0; i < sizeof others / sizeof others[0]; i++) {
        u64 dom = others[i];
        struct { u16 dom, remote; u32 port; } unbound = { (u16)dom, 0, 0 };
        struct { u64 *extents, nr; u32 order, flags; u16 domid; } reserve = { &m, 1, 0, 0, (u16)dom };
        if (dom == 1) continue; /* this domain's own number, when it is the first */
        CHECK(set(m * PAGE, 1, dom) < 0);
        CHECK(ext(MMUEXT_PIN_L1, mfn_of(table), 0, dom) < 0);
        CHECK(hypercall(22, (u64)window, m * PAGE | PTE_P, UVMF_INVLPG, dom) < 0);
        CHECK(hypercall(HC_event_channel_op, EVTCHNOP_alloc_unbound, (u64)&unbound, 0, 0) < 0);
        for (u32 port = 1; port < 8; port++) {
            struct { u16 remote, pad; u32 remote_port, port; } inter = { (u16)dom, 0, port, 0 };
            CHECK(hypercall(HC_event_channel_op, EVTCHNOP_bind_interdomain, (u64)&inter, 0, 0) < 0);
        }
        CHECK(hypercall(HC_memory_op, 0, (u64)&reserve, 0, 0) <= 0);
        CHECK(hypercall(HC_memory_op, 1, (u64)&reserve, 0, 0) <= 0);
        CHECK(hypercall(HC_memory_op, 6, (u64)&reserve, 0, 0) <= 0);
        struct { u16 dom, pad; u32 nr; short status, pad2; u64 *list; } setup = { (u16)dom, 0, 1, 0, 0, &m };
        CHECK(hypercall(HC_grant_table_op, GNTTABOP_setup_table, (u64)&setup, 1, 0) != 0 || setup.status < 0);
        CHECK(m == mfn_of(page));
    }
    /* control interfaces are domain 0's */
    static u64 zero[64];
    u64 control[] = { 7, 27, 35, 36, 38, 41 };
    for (u64 i = 0; i < sizeof control / sizeof control[0]; i++) CHECK(hypercall(control[i], (u64)zero, (u64)zero, 0, 0) < 0);
    CHECK(hypercall(8, 7, 0xffff800000000000UL, 0, 0) <= 0); /* set_debugreg */
    CHECK(hypercall(8, 0, 0xffff800000000000UL, 0, 0) == -EPERM);
}

/* Addresses of the hypervisor and of nobody, for reading and for writing. */
static void addresses(void) {
    u64 places[] = { 0xffff800000000000UL, 0xffff82d080000000UL, 0x8000000000000000UL, 0x7000000000UL, 0xffff87fffffff000UL };
    for (u64 i = 0; i < sizeof places / sizeof places[0]; i++) {
        u64 a = places[i];
        CHECK(hypercall(HC_set_trap_table, a, 0, 0, 0) < 0 || a == 0xffff800000000000UL);
        CHECK(hypercall(HC_mmu_update, a, 1, 0, DOMID_SELF) < 0);
        CHECK(hypercall(HC_mmuext_op, a, 1, 0, DOMID_SELF) < 0);
        CHECK(hypercall(HC_memory_op, 0, a, 0, 0) <= 0);
        CHECK(hypercall(HC_xen_version, 1, a, 0, 0) < 0);
        CHECK(hypercall(HC_sched_op, SCHEDOP_poll, a, 0, 0) < 0);
        CHECK(hypercall(HC_event_channel_op, EVTCHNOP_alloc_unbound, a, 0, 0) < 0);
        CHECK(hypercall(HC_vcpu_op, 4, 0, a, 0) < 0);
        CHECK(hypercall(HC_grant_table_op, GNTTABOP_setup_table, a, 1, 0) < 0);
        CHECK(hypercall(HC_multicall, a, 1, 0, 0) < 0);
        CHECK(update_va((void *)a, mfn_of(page) * PAGE | PTE_P | PTE_RW | PTE_US, UVMF_INVLPG) < 0);
    }
}

void guest(void) {
    install_traps(handler);
    CHECK(update_va(table, mfn_of(table) * PAGE | PTE_P | PTE_US | PTE_A, UVMF_INVLPG) == 0);
    CHECK(ext(MMUEXT_PIN_L1, mfn_of(table), 0, DOMID_SELF) == 0);
    page[0] = 4711;
    /* the grant table's frame is the hypervisor's, but this domain's to map */
    struct { u16 dom, pad; u32 nr; short status, pad2; u64 *list; } setup = { DOMID_SELF, 0, 1, 1, 0, &grant_frame };
    CHECK(hypercall(HC_grant_table_op, GNTTABOP_setup_table, (u64)&setup, 1, 0) == 0 && setup.status == 0);
    for (u64 i = 0; i < start->nr_pages; i++) if (p2m[i] > highest) highest = p2m[i];
    u64 tried = 0;
    for (u64 f = 0; f < highest + 64 && tried < 64; f++) {
        if (own(f)) continue;
        frame(f);
        tried++;
    }
    for (u64 f = highest + 1; f < highest + 33; f++) if (!own(f)) frame(f);
    u64 beyond[] = { 1UL << 20, 1UL << 31, 1UL << 32, (1UL << 40) - 1, 1UL << 40, -1UL >> 12, -1UL };
    for (u64 i = 0; i < sizeof beyond / sizeof beyond[0]; i++) frame(beyond[i]);
    CHECK(tried > 0);
    domains();
    addresses();
    CHECK(page[0] == 4711);
    for (int i = 0; i < 512; i++) CHECK(table[i] == 0);
    u64 *m2p = (u64 *)0xffff800000000000UL;
    for (u64 i = 0; i < start->nr_pages; i++) CHECK(m2p[p2m[i]] == i);
}
