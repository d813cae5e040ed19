/* What every small guest needs: text output, checks, its own page tables, time. */
#include "xen.h"

struct start_info *start;
struct shared_info *shared;
u64 *p2m;
void (*on_trap)(struct regs *);
void (*on_event)(void);
static int failed;
static char shared_window[PAGE] __attribute__((aligned(4096)));

void guest(void);

void print(const char *text) {
    u64 n = 0;
    while (text[n]) n++;
    hypercall(HC_console_io, 0, n, (u64)text, 0);
}

void print_u64(u64 value) {
    char text[24];
    int at = 23;
    text[at] = 0;
    do text[--at] = '0' + value % 10; while (value /= 10);
    print(text + at);
}

void check_at(int ok, const char *what, const char *file, int line) {
    if (ok) return;
    failed = 1;
    print("FAIL ");
    print(file);
    print(":");
    print_u64(line);
    print(" ");
    print(what);
    print("\n");
}

void finish(void) {
    u32 reason = failed ? SHUTDOWN_crash : SHUTDOWN_poweroff;
    print(failed ? "FAILED\n" : "PASSED\n");
    hypercall(HC_sched_op, SCHEDOP_shutdown, (u64)&reason, 0, 0);
    for (;;) __asm__ volatile("ud2");
}

u64 number(const char *key, u64 otherwise) {
    for (const char *c = start->cmd_line; *c; c++) {
        const char *k = key, *s = c;
        while (*k && *k == *s) k++, s++;
        if (*k) continue;
        u64 n = 0;
        while (*s >= '0' && *s <= '9') n = n * 10 + *s++ - '0';
        return n;
    }
    return otherwise;
}

u64 pfn_of(const void *p) { return (u64)p / PAGE; }
u64 mfn_of(const void *p) { return p2m[pfn_of(p)]; }

static u64 *table_at(u64 mfn) {
    for (u64 i = 0; i < start->nr_pt_frames; i++) {
        u64 *t = (u64 *)(start->pt_base + i * PAGE);
        if (mfn_of(t) == mfn) return t;
    }
    return 0;
}

/* The L1 entry that maps va, as readable memory (the bootstrap tables are mapped read-only). */
u64 *pte_of(const void *va) {
    u64 *t = (u64 *)start->pt_base;
    for (int shift = 39; t && shift > 12; shift -= 9) {
        u64 e = t[(u64)va >> shift & 511];
        t = e & PTE_P ? table_at((e & PTE_FRAME) / PAGE) : 0;
    }
    return t ? t + ((u64)va >> 12 & 511) : 0;
}

s64 update_va(const void *va, u64 pte, u64 flags) { return hypercall(HC_update_va_mapping, (u64)va, pte, flags, 0); }

/* System time in ns by the pvclock protocol. */
u64 now(void) {
    volatile struct vcpu_time_info *t = &shared->vcpu[0].time;
    u64 result;
    u32 version;
    do {
        version = t->version;
        __asm__ volatile("" ::: "memory");
        u32 lo, hi;
        __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
        u64 delta = ((u64)hi << 32 | lo) - t->tsc_timestamp;
        delta = t->tsc_shift >= 0 ? delta << t->tsc_shift : delta >> -t->tsc_shift;
        result = t->system_time + (u64)((unsigned __int128)delta * t->tsc_to_system_mul >> 32);
        __asm__ volatile("" ::: "memory");
    } while ((version & 1) || version != t->version);
    return result;
}

void install_traps(void (*handler)(struct regs *)) {
    struct trap_info table[23];
    int n = 0;
    on_trap = handler;
    for (int v = 0; v < 21; v++) {
        if (v == 15) continue;
        table[n++] = (struct trap_info){ v, v == 3 ? 3 : 0, FLAT_KERNEL_CS, trap_entry[v] };
    }
    table[n++] = (struct trap_info){ 128, 3, FLAT_KERNEL_CS, system_call_entry };
    table[n] = (struct trap_info){ 0, 0, 0, 0 };
    CHECK(hypercall(HC_set_trap_table, (u64)table, 0, 0, 0) == 0);
}

void install_events(void (*handler)(void)) {
    struct { u16 type, flags; u32 pad; u64 address; } event = { 0, 0, 0, event_entry };
    on_event = handler;
    CHECK(hypercall(HC_callback_op, 0, (u64)&event, 0, 0) == 0);
}

/* The public vcpu_guest_context of x86-64. */
struct vcpu_context {
    u8 fpu[512];
    u64 flags;
    struct { u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi; u32 error, vector; u64 rip, cs, rflags, rsp, ss, es, ds, fs, gs; } regs;
    struct trap_info traps[256];
    u64 ldt_base, ldt_entries, gdt_frames[16], gdt_entries, kernel_ss, kernel_sp, ctrlreg[8], debugreg[8];
    u64 event_callback, failsafe_callback, syscall_callback, vm_assist, fs_base, gs_base_kernel, gs_base_user;
};

static struct vcpu_context context;
static u8 stacks[MAX_VCPUS - 1][16384] __attribute__((aligned(4096)));

u32 this_vcpu(void) {
    u64 at = (u64)__builtin_frame_address(0) - (u64)stacks;
    return at < sizeof stacks ? (u32)(at / sizeof stacks[0]) + 1 : 0;
}

s64 start_vcpu(u32 id, void (*f)(void)) {
    struct vcpu_context *c = &context;
    for (u64 i = 0; i < sizeof *c; i++) ((u8 *)c)[i] = 0;
    c->flags = 4; /* in kernel mode */
    c->regs.rip = (u64)f;
    c->regs.cs = FLAT_KERNEL_CS;
    c->regs.ss = c->kernel_ss = FLAT_KERNEL_SS;
    c->regs.rflags = 0x200;
    c->regs.rsp = c->kernel_sp = (u64)stacks[id - 1] + sizeof stacks[0] - 8;
    c->ctrlreg[3] = mfn_of((void *)start->pt_base) * PAGE;
    c->event_callback = event_entry;
    for (int v = 0; v < 21; v++) c->traps[v] = (struct trap_info){ v, v == 3 ? 3 : 0, FLAT_KERNEL_CS, trap_entry[v] };
    return hypercall(HC_vcpu_op, VCPUOP_initialise, id, (u64)c, 0);
}

extern u64 user_return_rsp;
void back_from_user(void);

void leave_user(struct regs *r) {
    r->rip = (u64)back_from_user;
    r->cs = FLAT_KERNEL_CS & ~3UL;
    r->rsp = user_return_rsp;
    r->ss = FLAT_KERNEL_SS & ~3UL;
    r->rflags = 0x202;
}

void begin(struct start_info *info) {
    start = info;
    p2m = (u64 *)info->mfn_list;
    shared = (struct shared_info *)shared_window;
    CHECK(update_va(shared_window, info->shared_info | PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D, UVMF_INVLPG) == 0);
    guest();
    finish();
}
