/* Exceptions reach the guest with the right vector, error code, CR2 and address, and iret goes on. */
#include "lib/xen.h"

static struct regs seen;
static u64 seen_cr2, skip;
static u64 count;

static void handler(struct regs *r) {
    seen = *r;
    seen_cr2 = shared->vcpu[0].cr2;
    count++;
    r->rip += skip;
}

/* Runs `before`, then `text` of `length` bytes, which must raise vector v. */
#define EXPECT(before, text, length, v, err) do { \
    u64 at, n = count; \
    skip = (length); \
    __asm__ volatile(before "\n lea 1f(%%rip), %0\n1: " text : "=&r"(at) :: "memory", "rax", "rdx", "rcx", "cc"); \
    CHECK(count == n + 1); \
    CHECK(seen.vector == (v)); \
    CHECK(seen.error == (err)); \
    CHECK(seen.rip == at + ((v) == 3 ? 1 : 0)); \
    CHECK((seen.cs & 3) == 0); \
    CHECK(seen.rflags & 0x200); \
} while (0)

void guest(void) {
    install_traps(handler);
    shared->vcpu[0].upcall_mask = 0;
    EXPECT("", "ud2", 2, 6, 0);
    EXPECT("", "int3", 0, 3, 0);
    EXPECT("", "lgdt (%%rsp)", 4, 13, 0);
    EXPECT("xor %%eax, %%eax; xor %%edx, %%edx; xor %%ecx, %%ecx", "div %%ecx", 2, 0, 0);
    EXPECT("mov $0x7000000000, %%rax", "mov (%%rax), %%rcx", 3, 14, 0);
    CHECK(seen_cr2 == 0x7000000000UL);
    EXPECT("mov $0x7000000123, %%rax", "movb $1, (%%rax)", 3, 14, 2);
    CHECK(seen_cr2 == 0x7000000123UL);
    EXPECT("mov $0x8000000000000000, %%rax", "mov (%%rax), %%rcx", 3, 13, 0);
    EXPECT("mov $0xffff800000000000, %%rax", "movb $1, (%%rax)", 3, 14, 3);
    /* a page that this guest made read-only */
    static u64 page[512] __attribute__((aligned(4096)));
    page[0] = 7;
    CHECK(update_va(page, mfn_of(page) * PAGE | PTE_P | PTE_US | PTE_A, UVMF_INVLPG) == 0);
    CHECK(page[0] == 7);
    u64 before = count;
    skip = 7;
    __asm__ volatile("movq $9, (%0)" :: "r"(page) : "memory");
    CHECK(count == before + 1 && seen.vector == 14 && seen.error == 3 && seen_cr2 == (u64)page);
    CHECK(page[0] == 7);
    /* with the upcall mask set, an interrupt gate's mask bit and iret's IF keep it */
    shared->vcpu[0].upcall_mask = 1;
    skip = 2;
    __asm__ volatile("ud2");
    CHECK(shared->vcpu[0].upcall_mask == 1);
    CHECK(!(seen.rflags & 0x200));
}
