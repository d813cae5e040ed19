/* User mode, 64-bit and in a 32-bit code segment: toggling, register widths, opcodes that differ, faults, the way back. */
#include "lib/xen.h"

static struct regs seen;
static int traps;
static volatile u8 user_stack[4096] __attribute__((aligned(4096), used));
static volatile u32 word __attribute__((used)) = 5;

static void handler(struct regs *r) {
    seen = *r;
    traps++;
    if ((r->cs & 3) == 3) {
        leave_user(r);
        return;
    }
    print("unexpected trap in the kernel, vector ");
    print_u64(r->vector);
    print("\n");
    check_at(0, "trap", __FILE__, (int)r->rip);
    finish();
}

/* The 32-bit code: assembled here, never called by the kernel. */
__asm__(
    ".text\n.code32\n"
    "arithmetic32: mov $0xffffffff, %eax\n inc %eax\n dec %ecx\n mov $0x12345678, %ebx\n push %ebx\n pop %edx\n push %eax\n mov %esp, %esi\n"
    "  mov $7, %al\n mov $9, %bl\n aam $10\n movl word, %edi\n add $37, %edi\n call 1f\n1: pop %ebp\n int $0x80\n"
    "store32: movl $1, 0x70000000\n int $0x80\n"
    "privileged32: hlt\n int $0x80\n"
    "undefined32: ud2\n int $0x80\n"
    "far32: mov $1, %ecx\n ljmp $0xe033, $long_part\n"
    "string32: mov $user_stack_place, %edi\n mov (%edi), %edi\n mov $64, %ecx\n mov $0xab, %al\n cld\n rep stosb\n int $0x80\n"
    ".code64\n"
    "long_part: mov $0x1122334455667788, %rdx\n add $2, %ecx\n int $0x80\n"
    "user64: mov $0x1122334455667788, %rax\n push %rax\n pop %rbx\n int $0x80\n"
    "ret64: sysretl\n int $0x80\n"
    ".data\nuser_stack_place: .long user_stack\n.text\n");
void arithmetic32(void), store32(void), privileged32(void), undefined32(void), far32(void), string32(void), long_part(void), user64(void), ret64(void);

static void run(void (*code)(void), u64 cs) {
    traps = 0;
    run_user((u64)code, (u64)user_stack + sizeof user_stack - 64, cs);
    CHECK(traps == 1);
}

void guest(void) {
    static u8 kernel_stack[16384] __attribute__((aligned(16)));
    install_traps(handler);
    CHECK(hypercall(HC_stack_switch, FLAT_KERNEL_SS, (u64)kernel_stack + sizeof kernel_stack, 0, 0) == 0);
    struct mmuext_op root = { MMUEXT_NEW_USER_BASEPTR, mfn_of((void *)start->pt_base), 0 };
    CHECK(hypercall(HC_mmuext_op, (u64)&root, 1, 0, DOMID_SELF) == 0);

    run(user64, FLAT_USER_CS);
    CHECK(seen.vector == 128 && seen.cs == FLAT_USER_CS && seen.ss == FLAT_KERNEL_SS);
    CHECK(seen.rax == 0x1122334455667788UL && seen.rbx == seen.rax);
    run(ret64, FLAT_USER_CS);
    CHECK(seen.vector == 13 || seen.vector == 6);
    CHECK(seen.rip == (u64)ret64);

    /* a vCPU starts with null selectors, which 32-bit code cannot use */
    run(store32, FLAT_USER_CS32);
    CHECK(seen.vector == 13 && seen.error == 0 && seen.rip == (u64)store32);
    __asm__ volatile("mov %0, %%ds; mov %0, %%es" :: "r"(FLAT_KERNEL_SS));

    run(arithmetic32, FLAT_USER_CS32);
    CHECK(seen.vector == 128 && seen.cs == FLAT_USER_CS32);
    CHECK(seen.rdx == 0x12345678);
    CHECK(seen.rsp == (u64)user_stack + sizeof user_stack - 68);
    CHECK(seen.rsi == seen.rsp);
    CHECK((seen.rax & 0xffff) == 7);           /* AAM exists here only */
    CHECK(seen.rdi == 42);                     /* an absolute address, not a relative one */
    CHECK(seen.rbp > (u64)arithmetic32 && seen.rbp < (u64)store32);
    CHECK(seen.rip < 1UL << 32);

    run(store32, FLAT_USER_CS32);
    CHECK(seen.vector == 14 && seen.error == 6 && shared->vcpu[0].cr2 == 0x70000000);
    CHECK(seen.rip == (u64)store32 && seen.cs == FLAT_USER_CS32);
    run(privileged32, FLAT_USER_CS32);
    CHECK(seen.vector == 13 && seen.error == 0 && seen.rip == (u64)privileged32);
    run(undefined32, FLAT_USER_CS32);
    CHECK(seen.vector == 6 && seen.rip == (u64)undefined32);
    run(string32, FLAT_USER_CS32);
    CHECK(seen.vector == 128 && user_stack[0] == 0xab && user_stack[63] == 0xab && user_stack[64] == 0);
    CHECK(seen.rcx == 0 && seen.rdi == (u64)user_stack + 64);
    run(far32, FLAT_USER_CS32);
    CHECK(seen.vector == 128 && seen.cs == FLAT_USER_CS && seen.rcx == 3 && seen.rdx == 0x1122334455667788UL);
    CHECK(word == 5);
}
