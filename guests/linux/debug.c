/*
 * How a debugger sees a program: single steps over instructions of every kind, hardware breakpoints and watchpoints, the trap flag set by
 * the program itself, a counter of accesses (perf). Silicon's answers are in debug.expected.
 */
#define _GNU_SOURCE
#include <linux/perf_event.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

/* Instructions that trap behind themselves, some of them emulated, some that put the trap off or repeat. */
extern const char stepped[], stepped_end[];
__asm__(
    ".text\nstepped: push %rbx\n mov $5, %ecx\n1: dec %ecx\n jnz 1b\n pushfq\n pop %rax\n"
    " lea from(%rip), %rsi\n lea to(%rip), %rdi\n mov $6, %ecx\n rep movsb\n mov $6, %ecx\n lea from(%rip), %rsi\n lea to(%rip), %rdi\n repe cmpsb\n"
    " mov $39, %eax\n syscall\n mov $39, %eax\n syscall\n nop\n mov %ss, %ax\n mov %ax, %ss\n nop\n nop\n push $0x2b\n pop %rbx\n mov %ebx, %ss\n xor %eax, %eax\n cpuid\n cpuid\n"
    " pushfq\n orq $0x40000, (%rsp)\n popfq\n pushfq\n andq $~0x40000, (%rsp)\n popfq\n int $0x80\n rdtsc\n movd %eax, %xmm0\n paddd %xmm0, %xmm0\n"
    " fld1\n fstp %st\n lock incl count(%rip)\n xor %ecx, %ecx\n xgetbv\n rdfsbase %rax\n call 2f\n jmp 3f\n2: ret\n3: enter $16, $0\n leave\n pop %rbx\n"
    "stepped_end: ret\n.data\nfrom: .ascii \"abcdefgh\"\nto: .quad 0\ncount: .quad 0\n.text\n");

static pid_t child(void (*f)(void)) {
    fflush(stdout);
    pid_t c = fork();
    if (c == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        f();
        _exit(3);
    }
    waitpid(c, NULL, 0);
    return c;
}

static void single_steps(void) {
    pid_t c = child((void (*)(void))stepped);
    struct user_regs_struct r;
    int status;
    printf("steps:");
    do {
        ptrace(PTRACE_SINGLESTEP, c, 0, 0);
        waitpid(c, &status, 0);
        ptrace(PTRACE_GETREGS, c, 0, &r);
        if (r.rip >= (uintptr_t)stepped && r.rip <= (uintptr_t)stepped_end) printf(" %x", (unsigned)(r.rip - (uintptr_t)stepped));
    } while (WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP && r.rip != (uintptr_t)stepped_end);
    printf("\n");
    kill(c, SIGKILL);
    waitpid(c, &status, 0);
}

static uint64_t watched[8] __attribute__((aligned(64)));

__attribute__((noinline)) static void called(void) { __asm__ volatile("nop"); }

static void accesses(void) {
    called();
    ((volatile uint8_t *)watched)[0] = 1;
    ((volatile uint8_t *)watched)[9] = 1;
    *(volatile uint64_t *)&watched[1] = 5;
    (void)*(volatile uint64_t *)&watched[1];
    (void)*(volatile uint32_t *)&watched[2];
    *(volatile uint32_t *)((char *)watched + 14) = 3;
    void *p = watched;
    uint64_t n = 8;
    __asm__ volatile("rep stosq" : "+D"(p), "+c"(n) : "a"(0) : "memory");
    called();
    called();
    struct timespec *into = (struct timespec *)&watched[1];
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, into);
}

static int debug_register(pid_t c, int i, uint64_t v) { return ptrace(PTRACE_POKEUSER, c, offsetof(struct user, u_debugreg) + 8 * i, v) == 0; }

static void breakpoints(void) {
    pid_t c = child(accesses);
    /* DR0: execution; DR1: stores to 8 bytes; DR2: accesses to 4; DR3: stores to one */
    int set = debug_register(c, 0, (uintptr_t)called) && debug_register(c, 1, (uintptr_t)&watched[1]) && debug_register(c, 2, (uintptr_t)&watched[2])
            && debug_register(c, 3, (uintptr_t)watched) && debug_register(c, 7, 0x55 | 0x9 << 20 | 0xf << 24 | 1 << 28);
    printf("breakpoints %s:", set ? "set" : "refused");
    int status;
    for (;;) {
        ptrace(PTRACE_CONT, c, 0, 0);
        waitpid(c, &status, 0);
        if (!WIFSTOPPED(status)) break;
        struct user_regs_struct r;
        ptrace(PTRACE_GETREGS, c, 0, &r);
        printf(" %lx%s", ptrace(PTRACE_PEEKUSER, c, offsetof(struct user, u_debugreg) + 8 * 6, 0) & 0xf, r.rip == (uintptr_t)called ? "!" : "");
        debug_register(c, 6, 0);
    }
    printf(" status %x\n", status);
}

static volatile int traps;

static void on_trap(int number) {
    (void)number;
    traps++;
}

static void trap_flag(void) {
    uint64_t bytes;
    signal(SIGTRAP, on_trap);
    __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq; nop; nop; mov $4, %%ecx; 1: loop 1b; lea %0, %%rdi; mov $8, %%ecx; xor %%eax, %%eax; cld; rep stosb;"
                     "pushfq; andq $~0x100, (%%rsp); popfq; nop" : "=m"(bytes) :: "rcx", "rdi", "rax", "memory", "cc");
    printf("trap flag: %d", traps);
    traps = 0;
    __asm__ volatile("int3; nop; int $3; nop");
    printf(", int3: %d\n", traps);
}

static void counted_stores(void) {
    struct perf_event_attr a = { .size = sizeof a, .type = PERF_TYPE_BREAKPOINT, .bp_type = 2, .bp_addr = (uintptr_t)&watched[3], .bp_len = 8 };
    int f = syscall(SYS_perf_event_open, &a, 0, -1, -1, 0);
    for (int i = 0; i < 5; i++) ((volatile uint64_t *)watched)[3] = i;
    uint64_t n = 0;
    if (read(f, &n, 8) != 8) printf("no counter; ");
    printf("counted stores: %d\n", (int)n);
}

int main(void) {
    setvbuf(stdout, 0, _IONBF, 0);
    single_steps();
    breakpoints();
    trap_flag();
    counted_stores();
    return 0;
}
