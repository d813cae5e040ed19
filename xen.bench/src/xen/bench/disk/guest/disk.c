/*
 * Process 1 of the disk benchmark's guest, linked statically. It loads the modules of its RAM disk, waits for a virtual disk, and does
 * one piece of work for each line on its console:
 *
 *   read|write|sync seq|rand BYTES DEPTH COUNT
 *   verify
 *
 * and prints "done LINE STATUS"; times are taken by whoever reads that. All I/O is direct. Every word of the disk tells its place and
 * every sector's first and last word in which piece of work it was written (0: by the host), so that everything read can be checked.
 * "sync" writes and forces out each request. Places and contents depend on the lines alone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#define SECTOR 512
#define WORDS (SECTOR / 8)
#define BLOCK 4096
#define MOST_BYTES (1 << 20)
#define MOST_DEPTH 64

static int disk;
static uint64_t size;
/* Piece of work that wrote a block of 4 KiB last. */
static uint16_t *written;
static char *buffers[MOST_DEPTH];
static uint64_t works, seed;

static uint64_t word(uint64_t sector, unsigned w, unsigned generation) {
    return w == 0 || w == WORDS - 1 ? sector << 16 | generation : w * 0x9e3779b97f4a7c15ull;
}

static void fill(char *buffer, uint64_t at, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i += SECTOR) {
        uint64_t *s = (uint64_t *)(buffer + i), stamp = word((at + i) / SECTOR, 0, works);
        s[0] = s[WORDS - 1] = stamp;
    }
    for (unsigned i = 0; i < bytes; i += BLOCK)
        written[(at + i) / BLOCK] = works;
}

static int check(const char *buffer, uint64_t at, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i += SECTOR) {
        const uint64_t *s = (const uint64_t *)(buffer + i);
        uint64_t stamp = word((at + i) / SECTOR, 0, written[(at + i) / BLOCK]);
        if (s[0] != stamp || s[WORDS - 1] != stamp || s[1] != word(0, 1, 0))
            return 1;
    }
    return 0;
}

/* What a buffer had before is no proof of what was read. */
static void spoil(char *buffer, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i += SECTOR) {
        uint64_t *s = (uint64_t *)(buffer + i);
        s[0] = s[1] = s[WORDS - 1] = ~0ull;
    }
}

static void restore(void) {
    for (int b = 0; b < MOST_DEPTH; b++)
        for (unsigned i = 0; i < MOST_BYTES / 8; i++)
            ((uint64_t *)buffers[b])[i] = word(0, i % WORDS == 0 ? 1 : i % WORDS, 0);
}

/* Random places are a permutation of all (the disk's size is a power of two): no two requests under way overlap, and none has to be chosen again. */
static uint64_t place(int sequential, unsigned bytes, unsigned i) {
    uint64_t slots = size / bytes, x = i % slots;
    if (!sequential) {
        int half = __builtin_ctzll(slots) / 2;
        x = (x + seed) * 0x9e3779b97f4a7c15ull % slots;
        x ^= x >> half;
        x = x * 0xbf58476d1ce4e5b9ull % slots;
        x ^= x >> half;
    }
    return x * bytes;
}

static int one(int writes, int force, int sequential, unsigned bytes, unsigned count) {
    char *b = buffers[0];
    for (unsigned i = 0; i < count; i++) {
        uint64_t at = place(sequential, bytes, i);
        if (writes) {
            fill(b, at, bytes);
            if (pwrite(disk, b, bytes, at) != bytes || (force && fdatasync(disk)))
                return 1;
        } else {
            spoil(b, bytes);
            if (pread(disk, b, bytes, at) != bytes || check(b, at, bytes))
                return 2;
        }
    }
    return 0;
}

static int many(int writes, int sequential, unsigned bytes, int depth, unsigned count) {
    static struct iocb requests[MOST_DEPTH];
    struct iocb *next[MOST_DEPTH];
    struct io_event events[MOST_DEPTH];
    char busy[MOST_DEPTH] = {0};
    aio_context_t context = 0;
    unsigned begun = 0, ended = 0;
    int failed = 0;
    if (syscall(SYS_io_setup, depth, &context))
        return 3;
    while (ended < begun || (begun < count && !failed)) {
        int n = 0;
        for (int s = 0; s < depth && begun < count && !failed; s++) {
            if (busy[s])
                continue;
            uint64_t at = place(sequential, bytes, begun);
            if (writes)
                fill(buffers[s], at, bytes);
            else
                spoil(buffers[s], bytes);
            memset(&requests[s], 0, sizeof requests[s]);
            requests[s].aio_data = s;
            requests[s].aio_lio_opcode = writes ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD;
            requests[s].aio_fildes = disk;
            requests[s].aio_buf = (uintptr_t)buffers[s];
            requests[s].aio_nbytes = bytes;
            requests[s].aio_offset = at;
            busy[s] = 1;
            begun++;
            next[n++] = &requests[s];
        }
        for (int given = 0; given < n;) {
            long r = syscall(SYS_io_submit, context, n - given, next + given);
            if (r <= 0)
                return 4;
            given += r;
        }
        long got = syscall(SYS_io_getevents, context, 1L, (long)depth, events, 0);
        if (got <= 0)
            return 5;
        for (long e = 0; e < got; e++) {
            int s = events[e].data;
            if (events[e].res != bytes || (!writes && check(buffers[s], requests[s].aio_offset, bytes)))
                failed = 6;
            busy[s] = 0;
            ended++;
        }
    }
    syscall(SYS_io_destroy, context);
    return failed;
}

/* Every word of the disk. */
static int verify(void) {
    for (uint64_t at = 0; at < size; at += MOST_BYTES) {
        uint64_t *b = (uint64_t *)buffers[0];
        if (pread(disk, b, MOST_BYTES, at) != MOST_BYTES)
            return 7;
        for (unsigned i = 0; i < MOST_BYTES / 8; i++)
            if (b[i] != word((at + i * 8) / SECTOR, i % WORDS, written[(at + i * 8) / BLOCK]))
                return 8;
    }
    return 0;
}

static int work(const char *line) {
    char what[8], how[8];
    unsigned bytes, depth, count;
    if (!strcmp(line, "verify")) {
        int failed = verify();
        restore();
        return failed;
    }
    if (sscanf(line, "%7s %7s %u %u %u", what, how, &bytes, &depth, &count) != 5 || bytes < BLOCK || bytes > MOST_BYTES || bytes % BLOCK || depth < 1
        || depth > MOST_DEPTH)
        return 9;
    int writes = strcmp(what, "read"), sequential = !strcmp(how, "seq");
    if (writes)
        works++;
    seed += 12345;
    return depth == 1 ? one(writes, !strcmp(what, "sync"), sequential, bytes, count) : many(writes, sequential, bytes, depth, count);
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
    const char *names[] = {"/dev/xvda", "/dev/vda"};
    for (int n = 0; n < 1000; n++) {
        for (int i = 0; i < 2; i++) {
            disk = open(names[i], O_RDWR | O_DIRECT);
            if (disk >= 0)
                return ioctl(disk, BLKGETSIZE64, &size);
        }
        usleep(10000);
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
    if (find()) {
        printf("disk: no virtual disk: %s\n", strerror(errno));
        fflush(stdout);
        reboot(RB_POWER_OFF);
    }
    written = calloc(size / BLOCK, sizeof *written);
    for (int i = 0; i < MOST_DEPTH; i++)
        if (posix_memalign((void **)&buffers[i], BLOCK, MOST_BYTES))
            return 1;
    restore();
    printf("disk: ready %llu\n", (unsigned long long)size);
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\r\n")] = 0;
        int status = work(line);
        printf("done %s %d\n", line, status);
        fflush(stdout);
    }
    for (;;)
        pause();
}
