/*
 * Memory order and atomicity between vCPUs: the classic litmus tests of x86-TSO, millions of rounds if asked (rounds=N), and locked
 * operations of every kind on one place. Outcomes that x86 forbids are counted and must be 0; those that it allows are printed.
 * Needs --vcpus 2, for IRIW 4 (it is left out with fewer: cpus=N says how many there are).
 */
#include "lib/xen.h"

enum { BATCH = 1024, LINE = 64 };

struct line { volatile u64 v; char pad[LINE - 8]; } __attribute__((aligned(LINE)));

static struct line x[BATCH], y[BATCH];
static struct { u64 a, b; } seen[4][BATCH];
/* One for those who take part in a test, one for all. */
static struct barrier { struct line arrived, leave; } testing, everybody;
static u64 rounds = 200, cpus = 2;
static char area[2 * PAGE] __attribute__((aligned(4096)));
static volatile u64 pair[2] __attribute__((aligned(16)));
static u64 torn;

static void pause(void) { __asm__ volatile("pause" ::: "memory"); }

static void yield(void) { hypercall(HC_sched_op, SCHEDOP_yield, 0, 0, 0); }

/* n vCPUs meet; those that wait long give their pCPU away. */
static void meet(struct barrier *b, u64 n) {
    u64 generation = b->leave.v;
    if (__atomic_add_fetch(&b->arrived.v, 1, __ATOMIC_SEQ_CST) == n) {
        b->arrived.v = 0;
        __atomic_store_n(&b->leave.v, generation + 1, __ATOMIC_RELEASE);
        return;
    }
    for (u64 spins = 1; b->leave.v == generation; spins++) {
        pause();
        if (spins % 1000 == 0) yield();
    }
}

static void reset(void) {
    for (int i = 0; i < BATCH; i++) x[i].v = y[i].v = 0;
}

enum { SB, SB_FENCED, SB_XCHG, MP, LB, W22, IRIW, COHERENCE, TESTS };
static const char *const names[] = { "store buffering", "with mfence", "with xchg", "message passing", "load buffering", "2+2W", "IRIW", "coherence" };

static inline void store(struct line *p, u64 v) { p->v = v; }

static void run(int t, u64 me) {
    for (int i = 0; i < BATCH; i++) {
        struct line *a = me & 1 ? &y[i] : &x[i], *b = me & 1 ? &x[i] : &y[i];
        u64 r1 = 0, r2 = 0;
        switch (t) {
        case SB:
            store(a, 1);
            r1 = b->v;
            break;
        case SB_FENCED:
            store(a, 1);
            __asm__ volatile("mfence" ::: "memory");
            r1 = b->v;
            break;
        case SB_XCHG:
            __atomic_exchange_n(&a->v, 1, __ATOMIC_SEQ_CST);
            r1 = b->v;
            break;
        case MP:
            if (me & 1) {
                r1 = y[i].v;
                r2 = x[i].v;
            } else {
                store(&x[i], 1);
                store(&y[i], 1);
            }
            break;
        case LB:
            r1 = b->v;
            store(a, 1);
            break;
        case W22:
            store(a, 1);
            store(b, 2);
            break;
        case IRIW:
            if (me < 2) {
                store(a, 1);
            } else {
                r1 = a->v;
                r2 = b->v;
            }
            break;
        case COHERENCE:
            if (me & 1) {
                r1 = x[i].v;
                r2 = x[i].v;
            } else {
                store(&x[i], 1);
                store(&x[i], 2);
            }
            break;
        }
        seen[me][i].a = r1;
        seen[me][i].b = r2;
    }
}

static int weak(int t, int i) {
    switch (t) {
    case SB: case SB_FENCED: case SB_XCHG: return !seen[0][i].a && !seen[1][i].a;
    case MP: return seen[1][i].a && !seen[1][i].b;
    case LB: return seen[0][i].a && seen[1][i].a;
    case W22: return x[i].v == 1 && y[i].v == 1;
    case IRIW: return seen[2][i].a && !seen[2][i].b && seen[3][i].a && !seen[3][i].b;
    default: return seen[1][i].a > seen[1][i].b;
    }
}

static void line(const char *what, u64 count, u64 of) {
    print(what);
    print(": ");
    print_u64(count);
    print(" of ");
    print_u64(of);
    print("\n");
}

static void litmus(int t, u64 me) {
    u64 n = t == IRIW ? 4 : 2, found = 0;
    if (cpus < n || me >= n) return;
    for (u64 r = 0; r < rounds; r++) {
        if (me == 0) reset();
        meet(&testing, n);
        run(t, me);
        meet(&testing, n);
        if (me == 0) for (int i = 0; i < BATCH; i++) found += weak(t, i);
    }
    if (me != 0) return;
    line(names[t], found, rounds * BATCH);
    if (t != SB) CHECK(found == 0);
}

/* Counters: plain aligned, in two cache lines, in two pages; 2, 4 and 8 bytes. The low and the high half of a pair by CMPXCHG16B. */
static void add(void) {
    u64 *aligned = (u64 *)(area + 512), *lines = (u64 *)(area + 1024 + 60), *pages = (u64 *)(area + PAGE - 4);
    u32 *lines32 = (u32 *)(area + 2048 + 62);
    u16 *word = (u16 *)(area + 2176 + 63);
    u64 n = rounds * 8;
    for (u64 i = 0; i < n; i++) {
        __asm__ volatile("lock addq $1, %0" : "+m"(*aligned));
        __asm__ volatile("lock incq %0" : "+m"(*lines));
        __asm__ volatile("lock xaddl %1, %0" : "+m"(*lines32), "+r"((u32){1}) : : "cc");
        u16 old = *(volatile u16 *)word;
        u8 ok;
        do __asm__ volatile("lock cmpxchgw %3, %0; sete %2" : "+m"(*word), "+a"(old), "=q"(ok) : "r"((u16)(old + 1)) : "cc"); while (!ok);
        if (i % 16 == 0) __asm__ volatile("lock addq $1, %0" : "+m"(*pages));
        /* neighbours of the counter over two pages: aligned halves of it, changed by others at the same time */
        if (i % 16 == 8) __asm__ volatile("lock addl $1, %0" : "+m"(*(u32 *)(area + PAGE)));
        u64 lo = pair[0], hi = pair[1];
        do __asm__ volatile("lock cmpxchg16b %0; sete %1" : "+m"(pair), "=q"(ok), "+a"(lo), "+d"(hi) : "b"(lo + 1), "c"(hi + 3) : "cc"); while (!ok);
    }
}

/* One stores 0 and -1 by turns over two lines with XCHG, the other must never see a mixture by a locked read. */
static void tear(u64 me) {
    u64 *p = (u64 *)(area + 3072 + 60), *q = (u64 *)(area + PAGE - 3);
    for (u64 i = 0; i < rounds; i++) {
        if (me == 0) {
            __atomic_exchange_n(p, i & 1 ? -1UL : 0, __ATOMIC_SEQ_CST);
            if (i % 8 == 0) __atomic_exchange_n(q, i & 8 ? -1UL : 0, __ATOMIC_SEQ_CST);
        } else {
            u64 v = 0;
            __asm__ volatile("lock xaddq %1, %0" : "+m"(*p), "+r"(v) : : "cc");
            u64 w = 0;
            if (i % 8 == 0) __asm__ volatile("lock xaddq %1, %0" : "+m"(*q), "+r"(w) : : "cc");
            torn += (v && v != -1UL) + (w && w != -1UL);
        }
    }
}

static u64 check_sums(u64 n) {
    u64 e = rounds * 8 * n, wrong = 0;
    wrong += *(u64 *)(area + 512) != e;
    wrong += *(u64 *)(area + 1024 + 60) != e;
    wrong += *(u32 *)(area + 2048 + 62) != (u32)e;
    wrong += *(u16 *)(area + 2176 + 63) != (u16)e;
    /* the upper half of the counter in two pages was counted up by itself too */
    wrong += *(u64 *)(area + PAGE - 4) != (e / 16) + (e / 16 << 32);
    wrong += pair[0] != e || pair[1] != 3 * e;
    return wrong;
}

static void all(void) {
    u64 me = this_vcpu();
    for (int t = 0; t < TESTS; t++) {
        litmus(t, me);
        meet(&everybody, cpus);
    }
    meet(&everybody, cpus);
    add();
    meet(&everybody, cpus);
    if (me == 0) {
        u64 wrong = check_sums(cpus);
        line("locked sums wrong", wrong, 6);
        CHECK(wrong == 0);
        for (u64 i = 0; i < sizeof area; i++) area[i] = 0;
    }
    meet(&everybody, cpus);
    if (me < 2) tear(me);
    meet(&everybody, cpus);
    if (me != 0) hypercall(HC_vcpu_op, VCPUOP_down, me, 0, 0);
    line("torn locked reads", torn, rounds);
    CHECK(torn == 0);
}

static void trap(struct regs *r) {
    print("unexpected trap ");
    print_u64(r->vector);
    print(" at ");
    print_u64(r->rip);
    print("\n");
    check_at(0, "trap", __FILE__, (int)r->vector);
    finish();
}

void guest(void) {
    install_traps(trap);
    rounds = number("rounds=", 200);
    cpus = number("cpus=", 2);
    for (u64 v = 1; v < cpus; v++) {
        CHECK(start_vcpu(v, all) == 0);
        CHECK(hypercall(HC_vcpu_op, VCPUOP_up, v, 0, 0) == 0);
    }
    all();
}
