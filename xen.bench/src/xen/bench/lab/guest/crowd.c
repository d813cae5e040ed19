/*
 * Process 1 of a guest that shares a disk with others: one round of work a line on the console, direct I/O throughout.
 *
 *   interactive DISK MS THINK_US SEED   4 KiB from random places, a pause after each answer
 *   stream DISK MS THINK_US SEED        128 KiB in sequence, four at once
 *   hostile DISK MS THINK_US SEED       64 at once, up to 512 KiB from any sector on, three of four writes, every 16th a flush
 *
 * Each is answered with "crowd: done KIND REQUESTS BYTES P50_NS P99_NS FAILED": what ended within MS, times from the guest's own clock.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define SECTOR 512
#define SMALL 4096
#define STREAM (128 << 10)
#define LARGE (512 << 10)
#define MOST_DEPTH 64
#define MOST_TIMES (1 << 20)
#define DISKS 2

static int disks[DISKS];
static uint64_t size, seed, position;
static char *buffers[MOST_DEPTH];
static uint64_t times[MOST_TIMES], taken, bytes, failed;

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static uint64_t random64(void) {
    uint64_t x = seed += 0x9e3779b97f4a7c15ull;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}

static void took(uint64_t nanos, uint64_t n) {
    if (taken < MOST_TIMES)
        times[taken] = nanos;
    taken++;
    bytes += n;
}

static void interactive(int disk, uint64_t end, unsigned think) {
    while (now() < end) {
        uint64_t at = random64() % (size / SMALL) * SMALL, from = now();
        failed += pread(disk, buffers[0], SMALL, at) != SMALL;
        took(now() - from, SMALL);
        uint64_t pause = random64() % (2000ull * think);
        struct timespec t = {pause / 1000000000, pause % 1000000000};
        nanosleep(&t, NULL);
    }
}

static void next(int hostile, struct iocb *r, unsigned number) {
    uint64_t n = STREAM, at = position;
    r->aio_lio_opcode = IOCB_CMD_PREAD;
    if (!hostile) {
        position = position + 2 * STREAM > size ? 0 : position + STREAM;
    } else if (number % 16 == 15) {
        r->aio_lio_opcode = IOCB_CMD_FDSYNC;
        return;
    } else {
        n = (8 + random64() % (LARGE / SECTOR - 7)) * SECTOR;
        at = random64() % ((size - LARGE) / SECTOR) * SECTOR;
        r->aio_lio_opcode = random64() % 4 ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD;
    }
    r->aio_buf = (uintptr_t)buffers[r->aio_data];
    r->aio_nbytes = n;
    r->aio_offset = at;
}

static void many(int disk, uint64_t end, int hostile) {
    static struct iocb requests[MOST_DEPTH];
    static uint64_t from[MOST_DEPTH];
    struct io_event events[MOST_DEPTH];
    char busy[MOST_DEPTH] = {0};
    aio_context_t context = 0;
    unsigned number = 0, left = 0, depth = hostile ? MOST_DEPTH : 4;
    if (syscall(SYS_io_setup, depth, &context)) {
        failed++;
        return;
    }
    do {
        for (unsigned s = 0; s < depth && now() < end; s++) {
            struct iocb *r = &requests[s];
            if (busy[s])
                continue;
            memset(r, 0, sizeof *r);
            r->aio_data = s;
            r->aio_fildes = disk;
            next(hostile, r, number++);
            from[s] = now();
            if (syscall(SYS_io_submit, context, 1L, &r) != 1) {
                failed++;
                return;
            }
            busy[s] = 1;
            left++;
        }
        long got = left ? syscall(SYS_io_getevents, context, 1L, (long)depth, events, 0) : 0;
        uint64_t t = now();
        for (long e = 0; e < got; e++) {
            unsigned s = events[e].data;
            failed += events[e].res != (int64_t)requests[s].aio_nbytes;
            if (t < end)
                took(t - from[s], requests[s].aio_nbytes);
            busy[s] = 0;
            left--;
        }
    } while (left || now() < end);
    syscall(SYS_io_destroy, context);
}

static int ascending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static uint64_t percentile(unsigned p) {
    uint64_t n = taken < MOST_TIMES ? taken : MOST_TIMES;
    return n ? times[n * p / 100] : 0;
}

static void modules(void) {
    char name[64], path[96];
    FILE *order = fopen("/lib/modules/order", "r");
    while (order && fgets(name, sizeof name, order)) {
        name[strcspn(name, "\r\n")] = 0;
        snprintf(path, sizeof path, "/lib/modules/%s.ko", name);
        int f = open(path, O_RDONLY);
        if (f >= 0)
            syscall(SYS_finit_module, f, "", 0);
        close(f);
    }
}

static int find(void) {
    const char *names[DISKS] = {"/dev/xvda", "/dev/xvdb"};
    for (int i = 0; i < DISKS; i++) {
        for (int n = 0; (disks[i] = open(names[i], O_RDWR | O_DIRECT)) < 0; n++) {
            if (n == 1000)
                return 0;
            usleep(10000);
        }
        if (ioctl(disks[i], BLKGETSIZE64, &size))
            return 0;
    }
    return 1;
}

int main(void) {
    char line[96];
    struct termios t;
    mount("proc", "/proc", "proc", 0, 0);
    mount("dev", "/dev", "devtmpfs", 0, 0);
    modules();
    tcgetattr(0, &t);
    t.c_lflag &= ~ECHO;
    tcsetattr(0, TCSANOW, &t);
    for (int i = 0; i < MOST_DEPTH; i++) {
        if (posix_memalign((void **)&buffers[i], SMALL, LARGE))
            return 1;
        memset(buffers[i], i, LARGE);
    }
    printf(find() ? "crowd: ready\n" : "crowd: no disks\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        char kind[16];
        unsigned disk, ms, think;
        unsigned long long s;
        if (sscanf(line, "%15s %u %u %u %llu", kind, &disk, &ms, &think, &s) != 5 || disk >= DISKS)
            continue;
        seed = s;
        taken = bytes = failed = 0;
        uint64_t end = now() + ms * 1000000ull;
        if (!strcmp(kind, "interactive"))
            interactive(disks[disk], end, think);
        else
            many(disks[disk], end, !strcmp(kind, "hostile"));
        qsort(times, taken < MOST_TIMES ? taken : MOST_TIMES, sizeof *times, ascending);
        printf("crowd: done %s %llu %llu %llu %llu %llu\n", kind, (unsigned long long)taken, (unsigned long long)bytes,
               (unsigned long long)percentile(50), (unsigned long long)percentile(99), (unsigned long long)failed);
        fflush(stdout);
    }
    for (;;)
        pause();
}
