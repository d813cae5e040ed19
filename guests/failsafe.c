/* Selectors that cannot be loaded any more when the vCPU is scheduled: the failsafe callback, its frame, the way back. */
#include "lib/xen.h"

enum { CALLBACKOP_register = 0, CALLBACKTYPE_failsafe = 1 };

struct failsafe_frame { u64 rcx, r11, ds, es, fs, gs, rip, cs, rflags, rsp, ss; };
static struct failsafe_frame frame __attribute__((used));
static u64 entries __attribute__((used));
static u64 gdt[512] __attribute__((aligned(4096)));

void failsafe_entry(void);
__asm__(
    ".text\n"
    "failsafe_entry: push %rax\n push %rdi\n push %rsi\n lea 24(%rsp), %rsi\n mov $frame, %rdi\n mov $11, %ecx\n cld\n rep movsq\n incq entries\n"
    "  pop %rsi\n pop %rdi\n pop %rax\n pop %rcx\n pop %r11\n add $32, %rsp\n"
    "  push $0\n push %rcx\n push %r11\n push %rax\n mov $23, %eax\n syscall\n");

static void handler(struct regs *r) {
    print("unexpected trap, vector ");
    print_u64(r->vector);
    print("\n");
    check_at(0, "trap", __FILE__, (int)r->rip);
    finish();
}

static u64 data(const void *base) { return 0x00c0f3000000ffffUL | ((u64)base & 0xffffff) << 16 | ((u64)base >> 24 & 0xff) << 56; }

static s64 update(int i, u64 d) { return hypercall(HC_update_descriptor, mfn_of(gdt) * PAGE + 8 * (u64)i, d, 0, 0); }

static u64 selectors(void) {
    u32 ds, es, fs, gs;
    __asm__ volatile("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3" : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
    return (u64)ds | (u64)es << 16 | (u64)fs << 32 | (u64)gs << 48;
}

/* Away for a millisecond: another vCPU, or none, could have been there. */
static void away(void) {
    struct { u64 ports; u32 nr_ports; u64 timeout; } poll = { 0, 0, now() + 1000000 };
    CHECK(hypercall(HC_sched_op, SCHEDOP_poll, (u64)&poll, 0, 0) == 0);
}

void guest(void) {
    static u64 target = 0x1234567890abcdefUL;
    install_traps(handler);
    gdt[2] = data(&target);
    gdt[3] = data(&target);
    gdt[4] = data(&target);
    CHECK(update_va(gdt, mfn_of(gdt) * PAGE | PTE_P | PTE_US | PTE_A, UVMF_INVLPG) == 0);
    u64 frames[1] = { mfn_of(gdt) };
    CHECK(hypercall(HC_set_gdt, (u64)frames, 512, 0, 0) == 0);
    struct { u16 type, flags; u64 address; } callback = { CALLBACKTYPE_failsafe, 0, (u64)failsafe_entry };
    CHECK(hypercall(HC_callback_op, CALLBACKOP_register, (u64)&callback, 0, 0) == 0);

    __asm__ volatile("mov %0, %%ds; mov %1, %%es; mov %2, %%fs" :: "r"(2 << 3 | 3), "r"(3 << 3 | 3), "r"(4 << 3 | 3));
    u64 all = (2 << 3 | 3) | (u64)(3 << 3 | 3) << 16 | (u64)(4 << 3 | 3) << 32;
    CHECK((selectors() & 0xffffffffffffUL) == all);
    away();
    CHECK(entries == 0);
    CHECK((selectors() & 0xffffffffffffUL) == all);

    /* absent, then of a kind that cannot be loaded: what is in the registers stays until the vCPU was away */
    CHECK(update(3, 0x00407300000000ffUL) == 0);
    CHECK((selectors() & 0xffffffffffffUL) == all);
    away();
    CHECK(entries == 1);
    CHECK(frame.ds == (2 << 3 | 3) && frame.es == (3 << 3 | 3) && frame.fs == (4 << 3 | 3));
    CHECK((frame.cs & 0xffff) == (FLAT_KERNEL_CS & ~3) && frame.ss == FLAT_KERNEL_SS);
    CHECK((selectors() & 0xffffffffffffUL) == (all & ~0xffff0000UL));
    u64 seen;
    __asm__ volatile("mov %%fs:0, %0" : "=r"(seen));
    CHECK(seen == target);
    away();
    CHECK(entries == 1);

    CHECK(update(2, 0x00c0f90000000000UL) == 0); /* code that only executes */
    CHECK(update(4, 0) == 0);
    away();
    CHECK(entries == 2);
    CHECK(frame.ds == (2 << 3 | 3) && frame.es == 0 && frame.fs == (4 << 3 | 3));
    CHECK((selectors() & 0xffffffffffffUL) == 0);
    away();
    CHECK(entries == 2);
}
