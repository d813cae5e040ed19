/*
 * All vCPUs compute the same checksum over and over, and each checks every result: for experiments with schedulers and engines, and for
 * swapping them. Command line: rounds=N (0 or none: until something is typed).
 */
#include "lib/xen.h"

enum { WORDS = 512, LONGEST = 64 };

struct console { char in[1024], out[2048]; u32 in_cons, in_prod, out_cons, out_prod; };

static volatile struct console console __attribute__((aligned(4096)));
static u64 limit, expected;
static volatile int done[MAX_VCPUS], wrong[MAX_VCPUS];
static volatile u64 count[MAX_VCPUS];
static u32 vcpus;

/* A few thousand instructions with loads, multiplications and a carry through all of them. */
static u64 checksum(u64 *buffer) {
    u64 h = 14695981039346656037UL, x = 88172645463325252UL;
    for (int i = 0; i < WORDS; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        buffer[i] = x;
    }
    for (int i = 0; i < WORDS; i++) h = (h ^ buffer[i]) * 1099511628211UL;
    return h;
}

static int asked_to_end(void) { return limit == 0 && console.in_prod != console.in_cons; }

static void work(void) {
    u32 me = this_vcpu();
    u64 buffer[WORDS];
    for (u64 n = 0; (limit == 0 || n < limit) && !asked_to_end(); n++) {
        if (checksum(buffer) != expected) wrong[me] = 1;
        count[me] = n + 1;
    }
    done[me] = 1;
    while (me != 0) hypercall(HC_vcpu_op, VCPUOP_down, me, 0, 0);
}

static u64 number_after(const char *text, const char *key) {
    for (; *text; text++) {
        int i = 0;
        while (key[i] && text[i] == key[i]) i++;
        u64 n = 0;
        if (!key[i]) {
            for (text += i; *text >= '0' && *text <= '9'; text++) n = n * 10 + (u64)(*text - '0');
            return n;
        }
    }
    return 0;
}

void guest(void) {
    static u64 buffer[WORDS];
    CHECK(update_va((void *)&console, start->console_mfn * PAGE | PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D, UVMF_INVLPG) == 0);
    limit = number_after(start->cmd_line, "rounds=");
    expected = checksum(buffer);
    while (vcpus < MAX_VCPUS && hypercall(HC_vcpu_op, VCPUOP_is_up, vcpus, 0, 0) >= 0) vcpus++;
    for (u32 i = 1; i < vcpus; i++) {
        CHECK(start_vcpu(i, work) == 0);
        CHECK(hypercall(HC_vcpu_op, VCPUOP_up, i, 0, 0) == 0);
    }
    print("working\n");
    work();
    for (u32 i = 0; i < vcpus; i++) {
        while (!done[i]) hypercall(HC_sched_op, SCHEDOP_yield, 0, 0, 0);
        print("vCPU ");
        print_u64(i);
        print(": ");
        print_u64(count[i]);
        print(wrong[i] ? " rounds, WRONG\n" : " rounds, right\n");
        CHECK(!wrong[i]);
        CHECK(count[i] > 0);
    }
}
