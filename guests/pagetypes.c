/* A frame is a page table or writable, never both; page tables change only through the hypervisor's checks. */
#include "lib/xen.h"

static u64 table[512] __attribute__((aligned(4096)));
static u64 data[512] __attribute__((aligned(4096)));
static char window[PAGE] __attribute__((aligned(4096)));
static int faults;

static void handler(struct regs *r) {
    faults++;
    (void)r;
    print("unexpected trap ");
    print_u64(r->vector);
    print(" at ");
    print_u64(r->rip);
    print("\n");
    finish();
}

static u64 rw(const void *p) { return mfn_of(p) * PAGE | PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D; }
static u64 ro(const void *p) { return mfn_of(p) * PAGE | PTE_P | PTE_US | PTE_A; }

static s64 ext(u32 cmd, u64 mfn) {
    struct mmuext_op op = { cmd, mfn, 0 };
    return hypercall(HC_mmuext_op, (u64)&op, 1, 0, DOMID_SELF);
}

static s64 set(u64 machine, u64 val) {
    struct mmu_update u = { machine | MMU_NORMAL, val };
    return hypercall(HC_mmu_update, (u64)&u, 1, 0, DOMID_SELF);
}

void guest(void) {
    install_traps(handler);
    u64 m = mfn_of(table);
    /* mapped writable: cannot become a page table */
    CHECK(ext(MMUEXT_PIN_L1, m) < 0);
    CHECK(update_va(table, ro(table), UVMF_INVLPG) == 0);
    CHECK(ext(MMUEXT_PIN_L1, m) == 0);
    CHECK(ext(MMUEXT_PIN_L1, m) < 0);
    CHECK(ext(MMUEXT_PIN_L2, m) < 0);
    /* a page table: cannot be mapped writable, anywhere */
    CHECK(update_va(table, rw(table), UVMF_INVLPG) < 0);
    CHECK(update_va(window, rw(table), UVMF_INVLPG) < 0);
    CHECK(update_va(window, ro(table), UVMF_INVLPG) == 0);
    /* entries go through checks: own frame fine, page table writable refused, foreign and hypervisor frames refused */
    CHECK(set(m * PAGE + 8, rw(data)) == 0);
    CHECK(table[1] & PTE_P && (table[1] & PTE_FRAME) == mfn_of(data) * PAGE);
    CHECK(set(m * PAGE + 16, rw(table)) < 0);
    for (u64 f = 0; f < 16; f++) {
        int own = 0;
        for (u64 i = 0; i < start->nr_pages; i++) own |= p2m[i] == f;
        if (!own) CHECK(set(m * PAGE + 24, f * PAGE | PTE_P | PTE_RW) < 0);
    }
    CHECK(set(m * PAGE + 24, 0xffffffff000UL | PTE_P) < 0);
    /* mmu_update of an ordinary writable page is a plain write */
    CHECK(set(mfn_of(data) * PAGE, 77) == 0 && *(volatile u64 *)data == 77);
    /* a plain store to a page table is emulated, with the same checks */
    volatile u64 *entry = &table[3];
    *entry = rw(data);
    CHECK((table[3] & PTE_FRAME) == mfn_of(data) * PAGE);
    CHECK(__sync_val_compare_and_swap(entry, table[3], 0) != 0);
    CHECK(table[3] == 0);
    u64 old = __atomic_exchange_n(entry, ro(data), __ATOMIC_SEQ_CST);
    CHECK(old == 0 && table[3] & PTE_P);
    *entry = 0;
    /* unpinned and unmapped as a table, it is memory again */
    CHECK(set(m * PAGE + 8, 0) == 0);
    CHECK(ext(MMUEXT_UNPIN, m) == 0);
    CHECK(ext(MMUEXT_UNPIN, m) < 0);
    CHECK(update_va(window, 0, UVMF_INVLPG) == 0);
    CHECK(update_va(table, rw(table), UVMF_INVLPG) == 0);
    table[0] = 1234;
    CHECK(table[0] == 1234);
    /* the live tables are not writable */
    u64 *pte = pte_of(data);
    CHECK(update_va(window, mfn_of(pte) * PAGE | PTE_P | PTE_RW | PTE_US, UVMF_INVLPG) < 0);
    CHECK(update_va((void *)0xffff800000000000UL, rw(data), UVMF_INVLPG) < 0);
    CHECK(faults == 0);
}
