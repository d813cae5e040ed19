/*
 * 32-bit code in segments that are not flat, entered from a 64-bit program by far calls: bases, limits, types, null and absent segments,
 * stacks, strings, far transfers, alignment checks. Each line tells the registers behind a few instructions and a hash of memory, or the
 * signal's details. Silicon's answers are in segments.expected.
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;

#define CODE_PAGE 0x20000000u
#define DATA_PAGE 0x20010000u
#define STACK_TOP 0x20030000u
#define LDT(n) ((n) * 8 + 7)
enum { RETF = 0xcb, FLAT_CODE = 0x23, FLAT = 0x2b, CODE_SMALL = LDT(1), DATA_SMALL = LDT(2), DATA_DOWN = LDT(3), DATA_CONSTANT = LDT(4), STACK_SMALL = LDT(5),
       DATA_FLAT = LDT(6), CODE_CLOSED = LDT(7), ABSENT = LDT(8), DATA_WRAPS = LDT(9), STACK_DOWN = LDT(10) };

struct test { const char *name; u32 cs, eip, ds, es, ss, esp; u8 code[32]; };
static const struct test tests[] = {
    {"flat", FLAT_CODE, CODE_PAGE+0x1000, FLAT, FLAT, FLAT, STACK_TOP, {0x40, RETF}},
    {"cs base", CODE_SMALL, 0x1000, FLAT, FLAT, FLAT, STACK_TOP, {0xe8, 0, 0, 0, 0, 0x59, RETF}},
    {"ds base", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, FLAT, STACK_TOP, {0x8b, 0x0e, 0x8b, 0x1d, 0x10, 0, 0, 0, 0x89, 0x0f, RETF}},
    {"ss base", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0x50, 0x5a, 0x55, 0x8b, 0x5d, 0xfc, 0x89, 0x4d, 0xf0, 0x5d, 0x8b, 0x0c, 0x24, RETF}},
    {"rep movs", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0xf3, 0xa4, RETF}},
    {"rep movsd down", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0xfd, 0xf3, 0xa5, 0xfc, RETF}},
    {"movs es flat", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xbf, 0, 0x18, 1, 0x20, 0xf3, 0xa5, RETF}},
    {"cmps", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0xbf, 1, 2, 0, 0, 0xf3, 0xa6, RETF}},
    {"scas", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0xf2, 0xae, RETF}},
    {"stos", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0xf3, 0xab, RETF}},
    {"lods", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0xad, 0x89, 0xc1, RETF}},
    {"limit read", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0x8b, 0x0d, 0xfd, 0x0f, 0, 0, RETF}},
    {"limit last", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0x8b, 0x0d, 0xfc, 0x0f, 0, 0, RETF}},
    {"limit write", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0x89, 0x0d, 0xff, 0x0f, 0, 0, RETF}},
    {"limit rep", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0xbf, 0xf0, 0x0f, 0, 0, 0xf3, 0xab, RETF}},
    {"limit beyond", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0x8a, 0x0d, 0, 0x20, 0, 0, RETF}},
    {"down ok", CODE_SMALL, 0x1000, DATA_DOWN, DATA_DOWN, STACK_SMALL, 0xff00, {0x8b, 0x0d, 0, 0x10, 0, 0, RETF}},
    {"down bad", CODE_SMALL, 0x1000, DATA_DOWN, DATA_DOWN, STACK_SMALL, 0xff00, {0x8b, 0x0d, 0xff, 0x0f, 0, 0, RETF}},
    {"down ffff", CODE_SMALL, 0x1000, DATA_DOWN, DATA_DOWN, STACK_SMALL, 0xff00, {0x8b, 0x0d, 0xfd, 0xff, 0xff, 0xff, RETF}},
    {"ro read", CODE_SMALL, 0x1000, DATA_CONSTANT, FLAT, STACK_SMALL, 0xff00, {0x8b, 0x0e, RETF}},
    {"ro write", CODE_SMALL, 0x1000, DATA_CONSTANT, FLAT, STACK_SMALL, 0xff00, {0x89, 0x0e, RETF}},
    {"ro rmw", CODE_SMALL, 0x1000, DATA_CONSTANT, FLAT, STACK_SMALL, 0xff00, {0x01, 0x0e, RETF}},
    {"cs read", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0x2e, 0x8b, 0x0d, 0, 0x10, 0, 0, RETF}},
    {"cs write", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0x2e, 0x89, 0x0d, 0, 0x10, 0, 0, RETF}},
    {"xo read", CODE_CLOSED, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0x2e, 0x8b, 0x0d, 0, 0x10, 0, 0, RETF}},
    {"ds xo", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xb8, CODE_CLOSED & 255, 0, 0, 0, 0x8e, 0xd8, RETF}},
    {"ds code", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xb8, CODE_SMALL & 255, 0, 0, 0, 0x8e, 0xd8, 0x8b, 0x0d, 0, 0x10, 0, 0, RETF}},
    {"ds code write", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xb8, CODE_SMALL & 255, 0, 0, 0, 0x8e, 0xd8, 0x89, 0x0d, 0, 0x10, 0, 0, RETF}},
    {"ds np", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xb8, ABSENT & 255, 0, 0, 0, 0x8e, 0xd8, RETF}},
    {"ss np", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xb8, ABSENT & 255, 0, 0, 0, 0x8e, 0xd0, RETF}},
    {"ss ro", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xb8, DATA_CONSTANT & 255, 0, 0, 0, 0x8e, 0xd0, RETF}},
    {"ds null", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0x31, 0xc0, 0x8e, 0xd8, 0x8b, 0x0e, RETF}},
    {"ds null unused", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0x31, 0xc0, 0x8e, 0xd8, 0x8b, 0x0c, 0x24, RETF}},
    {"es null stos", CODE_SMALL, 0x1000, DATA_SMALL, 0, STACK_SMALL, 0xff00, {0xaa, RETF}},
    {"flat ds null", FLAT_CODE, CODE_PAGE+0x1000, FLAT, FLAT, FLAT, STACK_TOP, {0x31, 0xc0, 0x8e, 0xd8, 0x8b, 0x0d, 0, 0, 1, 0x20, RETF}},
    {"fs null", FLAT_CODE, CODE_PAGE+0x1000, FLAT, FLAT, FLAT, STACK_TOP, {0x31, 0xc0, 0x8e, 0xe0, 0x64, 0x8b, 0x0d, 0, 0, 1, 0x20, RETF}},
    {"gs ldt", FLAT_CODE, CODE_PAGE+0x1000, FLAT, FLAT, FLAT, STACK_TOP, {0xb8, DATA_SMALL & 255, 0, 0, 0, 0x8e, 0xe8, 0x65, 0x8b, 0x0d, 0x10, 0, 0, 0, RETF}},
    {"gs limit", FLAT_CODE, CODE_PAGE+0x1000, FLAT, FLAT, FLAT, STACK_TOP, {0xb8, DATA_SMALL & 255, 0, 0, 0, 0x8e, 0xe8, 0x65, 0x8b, 0x0d, 0x10, 0x10, 0, 0, RETF}},
    {"gs override movs", FLAT_CODE, CODE_PAGE+0x1000, FLAT, FLAT, FLAT, STACK_TOP, {0xb8, DATA_SMALL & 255, 0, 0, 0, 0x8e, 0xe8, 0xbf, 0, 0x10, 1, 0x20, 0x65, 0xf3, 0xa4, RETF}},
    {"stack limit push", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xbc, 2, 0, 0, 0, 0x50, RETF}},
    {"stack over top", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xbc, 0xfe, 0xff, 0, 0, 0x58, RETF}},
    {"stack down seg", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_DOWN, 0xff00, {0x50, 0x59, 0x60, 0x61, RETF}},
    {"stack down bad", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_DOWN, 0xff00, {0xbc, 0, 0x80, 0, 0, 0x50, RETF}},
    {"ebp default ss", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0x8b, 0x4d, 0, 0x8b, 0x1c, 0x24, RETF}},
    {"ss override", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0x36, 0x8b, 0x0e, RETF}},
    {"enter leave", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xc8, 0x20, 0, 3, 0xc9, RETF}},
    {"pop mem", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0x68, 1, 2, 3, 4, 0x8f, 0x07, 0x8b, 0x0f, RETF}},
    {"push mem", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xff, 0x36, 0x59, RETF}},
    {"xlat", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xb0, 5, 0xbb, 0x20, 0, 0, 0, 0xd7, 0x0f, 0xb6, 0xc8, RETF}},
    {"jmp ind", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xb8, 9, 0x10, 0, 0, 0xff, 0xe0, 0xf4, 0xf4, 0x41, RETF}},
    {"call ind", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xb8, 0x0a, 0x10, 0, 0, 0xff, 0xd0, RETF, 0xf4, 0xf4, 0x8b, 0x0c, 0x24, 0xc3}},
    {"jmp limit", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xb8, 0, 0, 2, 0, 0xff, 0xe0}},
    {"call far", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0x9a, 9, 0x10, 0, 0, CODE_SMALL & 255, CODE_SMALL >> 8, RETF, 0xf4, 0x8b, 0x0c, 0x24, RETF}},
    {"jmp far flat", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xea, 8, 0x10, 0, 0x20, 0x23, 0, 0xf4, 0x41, RETF}},
    {"loop", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0xb9, 0x64, 0, 0, 0, 0x01, 0x0e, 0x42, 0xe2, 0xfb, RETF}},
    {"sse", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0x0f, 0x10, 0x06, 0x0f, 0x11, 0x07, 0x8b, 0x4f, 4, RETF}},
    {"sse limit", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0x0f, 0x10, 0x05, 0xf8, 0x0f, 0, 0, RETF}},
    {"fld", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0xdd, 0x06, 0xdd, 0x1f, RETF}},
    {"fnsave", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0xdb, 0xe3, 0x9b, 0xdd, 0x37, RETF}},
    {"xchg lock", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0x87, 0x0e, 0xf0, 0x0f, 0xc1, 0x1f, RETF}},
    {"cmpxchg8b", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0xf0, 0x0f, 0xc7, 0x0e, RETF}},
    {"bts", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0x0f, 0xab, 0x16, RETF}},
    {"bts far", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0xba, 0, 0, 1, 0, 0x0f, 0xab, 0x16, RETF}},
    {"a16", CODE_SMALL, 0x1000, DATA_SMALL, DATA_SMALL, STACK_SMALL, 0xff00, {0x67, 0x8b, 0x0c, RETF}},
    {"wrap base", CODE_SMALL, 0x1000, DATA_WRAPS, FLAT, STACK_SMALL, 0xff00, {0xa1, 0, 0x10, 1, 0x20, 0x89, 0xc1, RETF}},
    {"wrap neg", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xb8, DATA_FLAT & 255, 0, 0, 0, 0x8e, 0xd8, 0xbe, 0xf0, 0xff, 0, 0x20, 0x8b, 0x4e, 0x20, RETF}},
    {"les", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xc7, 0x06, 1, 0, 0, 0, 0x66, 0xc7, 0x46, 4, DATA_SMALL & 255, 0, 0xc4, 0x0e, 0x26, 0x8b, 0x19, RETF}},
    {"lds mem", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xc7, 0x06, 1, 0, 0, 0, 0x66, 0xc7, 0x46, 4, 0x2b, 0, 0xc5, 0x0e, 0x8b, 0x1d, 0, 0, 1, 0x20, RETF}},
    {"lss", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0x89, 0x26, 0x66, 0xc7, 0x46, 4, STACK_SMALL & 255, 0, 0x0f, 0xb2, 0x26, 0x59, 0x51, RETF}},
    {"int3", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xcc, RETF}},
    {"ud2", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0x0f, 0x0b, RETF}},
    {"into", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xb0, 0x7f, 0x04, 1, 0xce, RETF}},
    {"bound", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0x62, 0x0e, RETF}},
    {"pf", CODE_SMALL, 0x1000, FLAT, FLAT, STACK_SMALL, 0xff00, {0x8b, 0x0d, 0, 0, 0, 0x30, RETF}},
    {"pf fetch", CODE_SMALL, 0x1000, FLAT, FLAT, STACK_SMALL, 0xff00, {0xea, 0, 0, 0, 0x30, 0x23, 0}},
    {"int80", CODE_SMALL, 0x1000, FLAT, FLAT, STACK_SMALL, 0xff00, {0xb8, 0x18, 0, 0, 0, 0xcd, 0x80, 0x89, 0xc1, RETF}},
    {"ac", FLAT_CODE, CODE_PAGE+0x1000, FLAT, FLAT, FLAT, STACK_TOP, {0x9c, 0x81, 0x0c, 0x24, 0, 0, 4, 0, 0x9d, 0xa1, 1, 0, 1, 0x20, 0x9c, 0x81, 0x24, 0x24, 0xff, 0xff, 0xfb, 0xff, 0x9d, RETF}},
    {"ac aligned", FLAT_CODE, CODE_PAGE+0x1000, FLAT, FLAT, FLAT, STACK_TOP, {0x9c, 0x81, 0x0c, 0x24, 0, 0, 4, 0, 0x9d, 0xa1, 4, 0, 1, 0x20, 0x8a, 0x0d, 1, 0, 1, 0x20, 0x9c, 0x81, 0x24, 0x24, 0xff, 0xff, 0xfb, 0xff, 0x9d, RETF}},
    {"lar lsl", CODE_SMALL, 0x1000, DATA_SMALL, FLAT, STACK_SMALL, 0xff00, {0xb8, DATA_DOWN & 255, 0, 0, 0, 0x0f, 0x02, 0xc8, 0x0f, 0x03, 0xd8, 0xb8, CODE_CLOSED & 255, 0, 0, 0, 0x0f, 0x02, 0xd0, 0x0f, 0x03, 0xf0, 0x0f, 0x00, 0xe0, 0x0f, 0x94, 0xc0, 0x88, 0xc5, RETF}},
};

static u8 *const memory = (u8 *)(uintptr_t)CODE_PAGE;
static u64 fs_base;
static sigjmp_buf back;
static char fault[200];

/* Thread-local storage and unaligned accesses have to work again before any C code runs. */
static void on_signal(int number, siginfo_t *info, void *context) {
    __asm__ volatile("pushfq; andq $~0x40000, (%%rsp); popfq; wrfsbase %0; mov %1, %%ds; mov %1, %%es" :: "r"(fs_base), "r"(FLAT) : "memory", "cc");
    const greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    int page_fault = r[REG_TRAPNO] == 14;
    sprintf(fault, "signal %d trap %d error %x cs %x ip %x address %x sp %x flags %x", number, (int)r[REG_TRAPNO], (u32)r[REG_ERR], (u32)r[REG_CSGSFS] & 0xffff,
            (u32)r[REG_RIP], page_fault ? (u32)(uintptr_t)info->si_addr : 0, (u32)r[REG_RSP], (u32)r[REG_EFL] & 0x40400);
    siglongjmp(back, 1);
}

static u8 *put(u8 *p, const char *bytes, int n) { return memcpy(p, bytes, n) + n; }
static u8 *put32(u8 *p, u32 v) { return (u8 *)memcpy(p, &v, 4) + 4; }
static u8 *load(u8 *p, int reg, u32 v) { *p = 0xb8 + reg; return put32(p + 1, v); }

/* Flat 32-bit code that loads segments and registers, calls the test far, stores what it left, and returns to 64-bit code. */
static void write_stub(const struct test *t) {
    static const u8 saved[][2] = { { 0x89, 0x35 }, { 0x89, 0x3d }, { 0x89, 0x15 }, { 0x89, 0x0d }, { 0x89, 0x1d }, { 0x89, 0x25 }, { 0x89, 0x2d } };
    u8 *p = memory + 0x800;
    p = put32(put(p, "\x89\x25", 2), CODE_PAGE + 0x700);     /* mov [save], esp */
    p = put(load(p, 0, t->es), "\x8e\xc0", 2);              /* mov es, eax */
    p = load(load(p, 0, t->ss), 3, t->esp);
    p = put(p, "\x8e\xd0\x89\xdc", 4);                      /* mov ss, eax; mov esp, ebx */
    p = put(load(p, 0, t->ds), "\x8e\xd8", 2);
    static const u32 start[] = { 0x11223344, 0x10, 0x100, 0x55667788 };
    for (int i = 0; i < 4; i++) p = load(p, i, start[i]);
    p = load(load(load(p, 6, 0x200), 7, 0x300), 5, t->esp);
    *p++ = 0x9a;                                            /* call far */
    p = put32(p, t->eip);
    *p++ = t->cs & 255;
    *p++ = t->cs >> 8;
    p = put(p, "\x60\x68\x2b\0\0\0\x1f\x68\x2b\0\0\0\x07", 13); /* pusha; push 0x2b; pop ds; push 0x2b; pop es */
    for (int i = 0; i < 7; i++) p = put32(put(p, (const char *)saved[i], 2), CODE_PAGE + 0x704 + 4 * i);
    p = put(load(p, 0, FLAT), "\x8e\xd0\x8b\x25", 4);
    *put32(p, CODE_PAGE + 0x700) = RETF;
}

static u64 hash(u64 h, const u8 *p, int n) {
    while (n-- > 0) h = (h ^ *p++) * 1099511628211u;
    return h;
}

static void run(const struct test *t) {
    memset(memory + 0x10000, 0, 0x20000);
    for (int i = 0; i < 0x2000; i++) memory[0x10000 + i] = i * 7 + 3;
    memcpy(memory + 0x1000, t->code, sizeof t->code);
    write_stub(t);
    printf("%s: ", t->name);
    if (sigsetjmp(back, 1)) {
        puts(fault);
        return;
    }
    struct { u32 offset; uint16_t selector; } __attribute__((packed)) stub = { CODE_PAGE + 0x800, FLAT_CODE };
    __asm__ volatile("mov %2, %%ds; mov %2, %%es; mov %%rsp, %%r12; mov %%rbp, %%r13; mov %1, %%rsp; lcall *(%0);"
                     "mov %%r12, %%rsp; mov %%r13, %%rbp; mov %3, %%rax; wrfsbase %%rax"
                     :: "b"(&stub), "r"((u64)CODE_PAGE + 0x600), "r"(FLAT), "m"(fs_base)
                     : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "memory", "cc");
    u32 r[7];
    memcpy(r, memory + 0x704, sizeof r);
    u64 h = hash(hash(14695981039346656037u, memory + 0x10000, 0x2000), memory + 0x20000, 0x4000);
    printf("esi %x edi %x edx %x ecx %x ebx %x esp %x ebp %x memory %llx\n", r[0], r[1], r[2], r[3], r[4], r[5], r[6], (unsigned long long)h);
}

enum { DATA = 0, DOWN = 1, CODE = 2 };

static void segment(int n, u32 base, u32 limit, int pages, int kind, int restricted, int absent) {
    struct user_desc d = { .entry_number = n, .base_addr = base, .limit = limit, .seg_32bit = 1, .contents = kind, .read_exec_only = restricted,
                           .limit_in_pages = pages, .seg_not_present = absent, .useable = 1 };
    if (syscall(SYS_modify_ldt, 0x11, &d, sizeof d) != 0) printf("modify_ldt refuses segment %d\n", n);
}

int main(void) {
    static u8 signal_stack[65536];
    setvbuf(stdout, 0, _IONBF, 0);
    __asm__ volatile("rdfsbase %0" : "=r"(fs_base));
    if (mmap(memory, 0x40000, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != memory) return 1;
    stack_t stack = { signal_stack, 0, sizeof signal_stack };
    sigaltstack(&stack, 0);
    struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
    static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, 0);
    segment(1, CODE_PAGE, 0xffff, 0, CODE, 0, 0);
    segment(2, DATA_PAGE, 0xfff, 0, DATA, 0, 0);
    segment(3, DATA_PAGE, 0xfff, 0, DOWN, 0, 0);
    segment(4, DATA_PAGE, 0xfff, 0, DATA, 1, 0);
    segment(5, STACK_TOP - 0x10000, 0xffff, 0, DATA, 0, 0);
    segment(6, 0, 0xfffff, 1, DATA, 0, 0);
    segment(7, CODE_PAGE, 0xffff, 0, CODE, 1, 0);
    segment(8, DATA_PAGE, 0xfff, 0, DATA, 0, 1);
    segment(9, 0xfffff000, 0xfffff, 1, DATA, 0, 0);
    segment(10, STACK_TOP - 0x10000, 0x7fff, 0, DOWN, 0, 0);
    for (unsigned i = 0; i < sizeof tests / sizeof *tests; i++) run(&tests[i]);
    return 0;
}
