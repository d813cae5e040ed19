/* The part of the Xen PV ABI that the guests here use: numbers and layouts of the public interface, 64-bit. */
#ifndef XEN_H
#define XEN_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef long s64;

#define PAGE 4096UL
#define DOMID_SELF 0x7ff0

enum {
    HC_set_trap_table = 0, HC_mmu_update = 1, HC_set_gdt = 2, HC_stack_switch = 3,
    HC_update_descriptor = 10, HC_memory_op = 12, HC_multicall = 13,
    HC_update_va_mapping = 14, HC_set_timer_op = 15, HC_xen_version = 17, HC_console_io = 18, HC_grant_table_op = 20, HC_iret = 23,
    HC_vcpu_op = 24, HC_set_segment_base = 25, HC_mmuext_op = 26, HC_sched_op = 29, HC_callback_op = 30, HC_event_channel_op = 32
};

enum { EPERM = 1, ENOENT = 2, ESRCH = 3, EFAULT = 14, EEXIST = 17, EINVAL = 22, ENOSYS = 38, ETIME = 62 };

struct start_info {
    char magic[32];
    u64 nr_pages, shared_info;
    u32 flags;
    u64 store_mfn;
    u32 store_evtchn;
    u64 console_mfn;
    u32 console_evtchn;
    u64 pt_base, nr_pt_frames, mfn_list, mod_start, mod_len;
    char cmd_line[1024];
    u64 first_p2m_pfn, nr_p2m_frames;
};

struct vcpu_time_info {
    u32 version, pad0;
    u64 tsc_timestamp, system_time;
    u32 tsc_to_system_mul;
    signed char tsc_shift;
    u8 flags, pad1[2];
};

struct vcpu_info {
    u8 upcall_pending, upcall_mask;
    u64 pending_sel, cr2, pad;
    struct vcpu_time_info time;
};

struct shared_info {
    struct vcpu_info vcpu[32];
    u64 pending[64], mask[64];
    u32 wc_version, wc_sec, wc_nsec, wc_sec_hi;
};

struct trap_info { u8 vector, flags; u16 cs; u64 address; };
struct mmu_update { u64 ptr, val; };
struct mmuext_op { u32 cmd; u64 arg1; u64 arg2; };
struct multicall_entry { u64 op, result, args[6]; };

enum { MMUEXT_PIN_L1 = 0, MMUEXT_PIN_L2, MMUEXT_PIN_L3, MMUEXT_PIN_L4, MMUEXT_UNPIN, MMUEXT_NEW_BASEPTR, MMUEXT_TLB_FLUSH_LOCAL,
       MMUEXT_INVLPG_LOCAL, MMUEXT_SET_LDT = 13, MMUEXT_NEW_USER_BASEPTR = 15, MMUEXT_CLEAR_PAGE, MMUEXT_COPY_PAGE };
enum { MMU_NORMAL = 0, MMU_MACHPHYS = 1, MMU_KEEP_AD = 2 };
enum { UVMF_NONE = 0, UVMF_TLB_FLUSH = 1, UVMF_INVLPG = 2, UVMF_ALL = 4 };
enum { VCPUOP_initialise = 0, VCPUOP_up, VCPUOP_down, VCPUOP_is_up };
enum { SCHEDOP_yield = 0, SCHEDOP_block = 1, SCHEDOP_shutdown = 2, SCHEDOP_poll = 3 };
enum { SHUTDOWN_poweroff = 0, SHUTDOWN_crash = 3 };
enum { EVTCHNOP_bind_interdomain = 0, EVTCHNOP_bind_virq = 1, EVTCHNOP_close = 3, EVTCHNOP_send = 4, EVTCHNOP_status = 5,
       EVTCHNOP_alloc_unbound = 6, EVTCHNOP_bind_ipi = 7, EVTCHNOP_bind_vcpu = 8, EVTCHNOP_unmask = 9 };
enum { VIRQ_TIMER = 0 };
enum { GNTTABOP_map_grant_ref = 0, GNTTABOP_unmap_grant_ref = 1, GNTTABOP_setup_table = 2, GNTTABOP_copy = 5 };

#define FLAT_KERNEL_CS 0xe033
#define FLAT_KERNEL_SS 0xe02b
#define FLAT_USER_CS32 0xe023
#define FLAT_USER_CS 0xe033

#define PTE_P 1UL
#define PTE_RW 2UL
#define PTE_US 4UL
#define PTE_A 0x20UL
#define PTE_D 0x40UL
#define PTE_FRAME 0x000ffffffffff000UL

static inline s64 hypercall(u64 nr, u64 a, u64 b, u64 c, u64 d) {
    register u64 r10 __asm__("r10") = d;
    s64 result;
    __asm__ volatile("syscall" : "=a"(result), "+D"(a), "+S"(b), "+d"(c), "+r"(r10) : "0"(nr) : "rcx", "r11", "r8", "memory");
    return result;
}

struct regs;

/* lib.c */
extern struct start_info *start;
extern struct shared_info *shared;
extern u64 *p2m;
void print(const char *text);
void print_u64(u64 value);
void check_at(int ok, const char *what, const char *file, int line);
void finish(void) __attribute__((noreturn));
/* The number behind `key` (as in "rounds=") on the command line. */
u64 number(const char *key, u64 otherwise);
u64 pfn_of(const void *p);
u64 mfn_of(const void *p);
u64 *pte_of(const void *va);
u64 now(void);
s64 update_va(const void *va, u64 pte, u64 flags);
/* vCPU `id` runs f on a stack of its own: 0 or what VCPUOP_initialise answered; comes up by VCPUOP_up. */
s64 start_vcpu(u32 id, void (*f)(void));
/* Which vCPU runs this, told from its stack. */
u32 this_vcpu(void);
#define MAX_VCPUS 16
/* A user-mode context at rip, rsp, cs; comes back when it does `int $0x80`, or when handler of install_traps() calls leave_user(). */
void run_user(u64 rip, u64 rsp, u64 cs);
void leave_user(struct regs *r);
#define CHECK(c) check_at((c) != 0, #c, __FILE__, __LINE__)

/* start.S: registers of an interrupted context, low to high; handlers may change them. */
struct regs { u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi, vector, error, rip, cs, rflags, rsp, ss; };
extern const u64 trap_entry[32];
extern const u64 system_call_entry;
extern const u64 event_entry;
extern void (*on_trap)(struct regs *);
extern void (*on_event)(void);
void install_traps(void (*handler)(struct regs *));
void install_events(void (*handler)(void));
#endif
