/*
 * Process 1 of the benchmark guest, linked statically. For each line "NAME" on its console it does the work of that name once in a child
 * and prints "done NAME STATUS"; times are taken by whoever reads that.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int xorshift(uint64_t x, int rounds) {
    uint64_t sum = 0;
    for (int i = 0; i < rounds; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        sum += x;
    }
    return sum == 0;
}

static int integer(void) { return xorshift(1, 200000000); }

/* So long that the fork and the child's way to its CPU do not count. */
static int longInteger(void) { return xorshift(2, 800000000); }

/* Two at once. */
static int integers(void) {
    int status, failed = 0, pid = fork();
    if (pid == 0)
        _exit(longInteger());
    failed = longInteger();
    return failed || pid < 0 || waitpid(pid, &status, 0) != pid || status;
}

static int busybox(char *const argv[]) {
    int null = open("/dev/null", O_WRONLY);
    dup2(null, 1);
    execv("/bin/busybox", argv);
    return 126;
}

static int sha256(void) { return busybox((char *[]){"busybox", "sha256sum", "/data/zeros", 0}); }
static int gzip(void) { return busybox((char *[]){"busybox", "gzip", "-c", "/data/text", 0}); }
static int shell(void) { return busybox((char *[]){"busybox", "sh", "-c", "i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done", 0}); }

static int getppids(void) {
    for (int i = 0; i < 1000000; i++)
        syscall(SYS_getppid);
    return 0;
}

static int clocks(void) {
    struct timespec t;
    for (int i = 0; i < 1000000; i++)
        if (clock_gettime(CLOCK_MONOTONIC, &t))
            return 1;
    return 0;
}

static volatile int caught;
static void handler(int s) { caught += s == SIGUSR1; }

static int signals(void) {
    signal(SIGUSR1, handler);
    for (int i = 0; i < 100000; i++)
        raise(SIGUSR1);
    return caught != 100000;
}

static int pipes(void) {
    int to[2], from[2];
    char c = 0;
    if (pipe(to) || pipe(from))
        return 1;
    if (fork() == 0) {
        while (read(to[0], &c, 1) == 1 && c == 0)
            if (write(from[1], &c, 1) != 1)
                _exit(1);
        _exit(0);
    }
    for (int i = 0; i < 20000; i++)
        if (write(to[1], &c, 1) != 1 || read(from[0], &c, 1) != 1)
            return 1;
    c = 1;
    return write(to[1], &c, 1) != 1 || wait(0) < 0;
}

static int forks(void) {
    for (int i = 0; i < 500; i++) {
        int status, pid = fork();
        if (pid == 0)
            _exit(7);
        if (pid < 0 || waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 7)
            return 1;
    }
    return 0;
}

static int execs(void) {
    for (int i = 0; i < 200; i++) {
        int status, pid = fork();
        if (pid == 0) {
            execl("/bin/busybox", "busybox", "true", (char *)0);
            _exit(1);
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
            return 1;
    }
    return 0;
}

static int faults(void) {
    size_t size = 64 << 20;
    for (int round = 0; round < 4; round++) {
        char *p = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            return 1;
        madvise(p, size, MADV_NOHUGEPAGE);
        for (size_t i = 0; i < size; i += 4096)
            p[i] = 1;
        munmap(p, size);
    }
    return 0;
}

static int protects(void) {
    char *p = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 20000; i++) {
        p[0] = 1;
        if (mprotect(p, 4096, PROT_READ) || mprotect(p, 4096, PROT_READ | PROT_WRITE))
            return 1;
    }
    return 0;
}

static const struct { const char *name; int (*work)(void); } works[] = {
    {"integer", integer}, {"long-integer", longInteger}, {"integers", integers}, {"sha256sum", sha256}, {"shell", shell}, {"gzip", gzip}, {"getppid", getppids}, {"clock_gettime", clocks},
    {"signals", signals}, {"pipe", pipes}, {"fork", forks}, {"exec", execs}, {"faults", faults}, {"mprotect", protects}};

static void data(void) {
    mkdir("/data", 0755);
    int f = open("/data/zeros", O_CREAT | O_WRONLY, 0644);
    static char page[4096];
    for (int i = 0; i < 32 << 8; i++)
        if (write(f, page, 4096) != 4096)
            return;
    close(f);
    f = open("/data/text", O_CREAT | O_WRONLY, 0644);
    uint32_t s = 1;
    for (int i = 0; i < 4 << 8; i++) {
        for (int k = 0; k < 4096; k++) {
            s = s * 1103515245 + 12345;
            page[k] = "etaoinshrdlu \n.,"[s >> 16 & s >> 20 & 15];
        }
        if (write(f, page, 4096) != 4096)
            return;
    }
    close(f);
}

int main(void) {
    char line[64];
    struct termios t;
    mount("proc", "/proc", "proc", 0, 0);
    mount("dev", "/dev", "devtmpfs", 0, 0);
    data();
    tcgetattr(0, &t);
    t.c_lflag &= ~ECHO;
    tcsetattr(0, TCSANOW, &t);
    printf("bench-init: ready\n");
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\r\n")] = 0;
        int status = -1;
        for (unsigned i = 0; i < sizeof works / sizeof *works; i++)
            if (!strcmp(works[i].name, line)) {
                fflush(stdout);
                int pid = fork();
                if (pid == 0)
                    _exit(works[i].work());
                waitpid(pid, &status, 0);
            }
        printf("done %s %d\n", line, status);
        fflush(stdout);
    }
    for (;;)
        pause();
}
