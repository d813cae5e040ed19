/* Descriptor tables: set_gdt, update_descriptor, LDT; what a guest may load and what is refused. */
#include "lib/xen.h"

static u64 gdt[512] __attribute__((aligned(4096)));
static u64 ldt[512] __attribute__((aligned(4096)));
static u64 bad[512] __attribute__((aligned(4096)));
static int faults;
static u64 last_error;

static void handler(struct regs *r) {
    faults++;
    last_error = r->error;
    if (r->vector != 13 && r->vector != 11) {
        print("unexpected trap ");
        print_u64(r->vector);
        print("\n");
        check_at(0, "trap", __FILE__, (int)r->rip);
        finish();
    }
    r->rip += 2; /* mov %eax, %es or %fs */
}

#define DATA(base) (0x0000f3000000ffffUL | ((u64)(base) & 0xffffff) << 16 | ((u64)(base) >> 24 & 0xff) << 56)
#define DATA0 0x00cf93000000ffffUL
#define CODE32 0x00cffb000000ffffUL
#define CODE64 0x00affb000000ffffUL
#define ABSENT 0x00cf73000000ffffUL

static u64 read_only(const void *p) { return mfn_of(p) * PAGE | PTE_P | PTE_US | PTE_A; }
static u64 writable(const void *p) { return read_only(p) | PTE_RW | PTE_D; }

static s64 set_gdt(const void *page, u64 entries) {
    u64 frames[1] = { mfn_of(page) };
    return hypercall(HC_set_gdt, (u64)frames, entries, 0, 0);
}

static s64 update(const void *page, int i, u64 d) { return hypercall(HC_update_descriptor, mfn_of(page) * PAGE + 8 * (u64)i, d, 0, 0); }

/* Loads FS; true if it was refused. */
static int refused(u32 selector) {
    int n = faults;
    __asm__ volatile("mov %%eax, %%fs" :: "a"(selector) : "memory");
    return faults != n;
}

void guest(void) {
    install_traps(handler);
    gdt[2] = DATA(0);
    gdt[3] = DATA0;
    gdt[4] = ABSENT;
    gdt[5] = CODE32;

    /* writable: cannot be a descriptor table */
    CHECK(set_gdt(gdt, 512) == -EINVAL);
    CHECK(update_va(gdt, read_only(gdt), UVMF_INVLPG) == 0);
    CHECK(set_gdt(gdt, 512) == 0);
    /* a descriptor table: cannot be writable, nor a page table */
    CHECK(update_va(gdt, writable(gdt), UVMF_INVLPG) < 0);
    struct mmuext_op pin = { MMUEXT_PIN_L1, mfn_of(gdt), 0 };
    CHECK(hypercall(HC_mmuext_op, (u64)&pin, 1, 0, DOMID_SELF) < 0);
    /* privileged descriptors become the guest's */
    CHECK((gdt[3] >> 45 & 3) == 3);

    CHECK(!refused(0));
    CHECK(!refused(2 << 3 | 3));
    CHECK(!refused(3 << 3 | 3));
    CHECK(refused(4 << 3 | 3) && last_error == 4 << 3);
    CHECK(refused(100 << 3 | 3) && last_error == 100 << 3);
    CHECK(refused(600 << 3 | 3) && last_error == 600 << 3);
    CHECK(refused(0x7 | 5 << 3));

    /* the base counts */
    static u64 target = 0x1234567890abcdefUL;
    CHECK(update(gdt, 6, DATA((u64)&target)) == 0);
    CHECK(!refused(6 << 3 | 3));
    u64 seen;
    __asm__ volatile("mov %%fs:0, %0" : "=r"(seen));
    CHECK(seen == target);

    /* system segments are the hypervisor's */
    CHECK(update(gdt, 7, 0x0000890000000067UL) == -EINVAL); /* TSS */
    CHECK(update(gdt, 7, 0x0000820000000067UL) == -EINVAL); /* LDT */
    CHECK(update(gdt, 7, 0x00008e0000080000UL) == -EINVAL); /* interrupt gate */
    CHECK(update(gdt, 7, 0x00008f0000080000UL) == -EINVAL); /* trap gate */
    CHECK(gdt[7] == 0);
    CHECK(hypercall(HC_update_descriptor, mfn_of(gdt) * PAGE + 3, DATA(0), 0, 0) == -EINVAL);
    CHECK(hypercall(HC_update_descriptor, mfn_of((void *)start->pt_base) * PAGE, DATA(0), 0, 0) < 0);
    CHECK(hypercall(HC_update_descriptor, 0xfffffffff000UL, DATA(0), 0, 0) < 0);

    /* a page with one bad entry is refused whole, and the old table stays */
    bad[2] = CODE64;
    bad[400] = 0x0000890000000067UL;
    CHECK(update_va(bad, read_only(bad), UVMF_INVLPG) == 0);
    CHECK(set_gdt(bad, 512) == -EINVAL);
    CHECK(update_va(bad, writable(bad), UVMF_INVLPG) == 0);
    CHECK(!refused(6 << 3 | 3));
    CHECK(set_gdt(gdt, 14 * 512 + 1) == -EINVAL);
    u64 foreign[1] = { 0xfffffffUL };
    CHECK(hypercall(HC_set_gdt, (u64)foreign, 512, 0, 0) == -EINVAL);
    CHECK(hypercall(HC_set_gdt, 0x7000000000UL, 512, 0, 0) == -EFAULT);
    CHECK(!refused(6 << 3 | 3));

    /* LDT */
    ldt[1] = DATA((u64)&target);
    CHECK(update_va(ldt, read_only(ldt), UVMF_INVLPG) == 0);
    struct mmuext_op set = { MMUEXT_SET_LDT, (u64)ldt, 512 };
    CHECK(hypercall(HC_mmuext_op, (u64)&set, 1, 0, DOMID_SELF) == 0);
    CHECK(!refused(1 << 3 | 7));
    __asm__ volatile("mov %%fs:0, %0" : "=r"(seen));
    CHECK(seen == target);
    CHECK(refused(2 << 3 | 7));
    set.arg1 = 0xffff800000000000UL;
    CHECK(hypercall(HC_mmuext_op, (u64)&set, 1, 0, DOMID_SELF) == -EINVAL);
    set.arg1 = (u64)ldt + 8;
    CHECK(hypercall(HC_mmuext_op, (u64)&set, 1, 0, DOMID_SELF) == -EINVAL);
    CHECK(!refused(0));
    set.arg1 = 0;
    set.arg2 = 0;
    CHECK(hypercall(HC_mmuext_op, (u64)&set, 1, 0, DOMID_SELF) == 0);
    CHECK(refused(1 << 3 | 7));

    /* given back, it is memory again */
    CHECK(hypercall(HC_set_gdt, 0, 0, 0, 0) == 0);
    CHECK(update_va(gdt, writable(gdt), UVMF_INVLPG) == 0);
    CHECK(update_va(ldt, writable(ldt), UVMF_INVLPG) == 0);
    CHECK(refused(2 << 3 | 3));
}
